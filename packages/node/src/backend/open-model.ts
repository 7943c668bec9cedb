import { readFile, stat } from "node:fs/promises";
import { BackendError, type PrediktError, type Signature, type SkippedDevice, type TensorSpec, type Tensors } from "@predikt/core";
import { checkModel, externalBytes, type Inspection, inlineExternalData, type ModelProto, writeModel } from "@predikt/core/onnx";
import type { ModelFacts, OpenSpec } from "../worker/protocol.ts";
import { cudaProblem } from "./cuda.ts";
import { digestOf, findExternalData, readModelFile } from "./model-file.ts";
import { loadRuntime, packageOf, type Runtime } from "./runtime.ts";
import { openSession, type RuntimeSession } from "./runtime-session.ts";
import { openError } from "./translate-error.ts";

/** A model that is open in this thread. */
export interface OpenModel {
  readonly facts: ModelFacts;
  run(feeds: Tensors): Promise<Tensors>;
  /** Frees the model; after the last run. */
  release(): Promise<void>;
}

/** Reads, checks and opens a model on the first device that takes it, in this thread. Rejects with the errors that `createPredictor` names. */
export async function openModel(spec: OpenSpec, prepare: (runtime: Runtime) => void): Promise<OpenModel> {
  const bytes = typeof spec.model === "string" ? await readModelFile(spec.model) : spec.model;
  const digest = digestOf(bytes, spec.sha256);
  const { model, inspection } = checkModel(bytes, spec.limits);
  const source = await withExternalData(spec, bytes, model, inspection);
  const skipped: SkippedDevice[] = [];
  const errors: PrediktError[] = [];
  for (const device of spec.devices) {
    try {
      const { session, runtime } = await openOn(device, source, spec, prepare);
      const facts: ModelFacts = {
        signature: completed(inspection, session.outputs),
        metadata: inspection.metadata,
        digest,
        modelBytes: bytes.byteLength,
        device,
        skipped,
        batchUnsafeOps: inspection.batchUnsafeOps,
        runtime,
      };
      return { facts, run: (feeds) => session.run(feeds), release: () => session.release() };
    } catch (thrown) {
      const error = openError(thrown);
      if (error.code === "MODEL_INVALID" || error.code === "CONFIG_INVALID") throw error;
      errors.push(error);
      skipped.push({ device, reason: error.message });
    }
  }
  throw nothingOpened(errors, skipped);
}

async function openOn(
  device: string,
  source: string | Uint8Array,
  spec: OpenSpec,
  prepare: (runtime: Runtime) => void,
): Promise<{ session: RuntimeSession; runtime: string }> {
  const name = packageOf(device);
  const runtime = await loadRuntime(name);
  const problem = device === "cuda" ? cudaProblem() : undefined;
  if (problem !== undefined) throw new BackendError("BACKEND_UNAVAILABLE", problem);
  prepare(runtime);
  const version = runtime.env.versions.node ?? runtime.env.versions.web ?? "";
  return { session: await openSession(runtime, source, device, spec), runtime: `${name} ${version}` };
}

/**
 * The model as the runtime is to have it: the bytes that were checked, or, where a model by path has external data beside it, the path, so that the
 * runtime maps large files instead of copying them.
 */
async function withExternalData(
  spec: OpenSpec,
  bytes: Uint8Array,
  model: ModelProto,
  inspection: Inspection,
): Promise<string | Uint8Array> {
  const locations = new Set(inspection.externalData.map(({ location }) => location));
  if (locations.size === 0) return bytes;
  const path = typeof spec.model === "string" ? spec.model : undefined;
  const files: Record<string, string | Uint8Array> = {};
  for (const location of locations) files[location] = await findExternalData(location, path, spec.externalData?.[location]);
  for (const external of inspection.externalData) externalBytes(external, await sizeOf(files[external.location] as string | Uint8Array));
  const beside = path !== undefined && spec.externalData === undefined && !spec.devices.includes("wasm");
  if (beside) return path;
  const contents: Record<string, Uint8Array> = {};
  for (const [location, file] of Object.entries(files)) contents[location] = typeof file === "string" ? await readFile(file) : file;
  return writeModel(inlineExternalData(model, contents));
}

/** The file's signature, with the runtime's word for the outputs to which the file gives no type. */
function completed({ signature, untyped }: Inspection, outputs: readonly TensorSpec[]): Signature {
  if (untyped.length === 0) return signature;
  return {
    inputs: signature.inputs,
    outputs: outputs.map((output) => signature.outputs.find(({ name }) => name === output.name) ?? output),
  };
}

async function sizeOf(file: string | Uint8Array): Promise<number> {
  return typeof file === "string" ? (await stat(file)).size : file.byteLength;
}

/** The error where no device took the model: the model's own where it was found at fault, the missing packages' where all are missing. */
function nothingOpened(errors: readonly PrediktError[], tried: readonly SkippedDevice[]): PrediktError {
  const telling = errors.find((error) => error.name === "ModelError" || error.code === "BACKEND_MEMORY");
  if (telling !== undefined) return telling;
  const reasons = tried.map(({ device, reason }) => `${device}: ${reason}`).join("; ");
  const code = errors.every((error) => error.code === "BACKEND_MISSING") ? "BACKEND_MISSING" : "BACKEND_UNAVAILABLE";
  return new BackendError(code, `no device could be opened: ${reasons}`, { cause: errors[0], details: { tried } });
}
