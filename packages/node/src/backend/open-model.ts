import { BackendError, type PrediktError, type SkippedDevice, type Tensors } from "@predikt/core";
import { checkModel } from "@predikt/core/onnx";
import { completedSignature, nothingOpened, openError } from "@predikt/core/runtime";
import type { ModelFacts, OpenSpec } from "../worker/protocol.ts";
import { cudaProblem } from "./cuda.ts";
import { carryModel, type ModelCarrier } from "./external-data.ts";
import { digestOf, readModelFile } from "./model-file.ts";
import { loadRuntime, packageOf, type Runtime } from "./runtime.ts";
import { openSession, type RuntimeSession } from "./runtime-session.ts";

/** A model that is open in this thread. */
export interface OpenModel {
  readonly facts: ModelFacts;
  run(feeds: Tensors): Promise<Tensors>;
  /** Tells of each run how long this thread was in it. */
  watch(onRun: (runMs: number) => void): void;
  /** Frees the model; after the last run. */
  release(): Promise<void>;
}

/** What is called while a model opens. */
export interface OpenHooks {
  /** With the runtime, before it opens the model. */
  readonly prepare?: (runtime: Runtime) => void;
  /** Between two steps: throws where the load is not wanted any more. */
  readonly checkpoint?: () => void;
}

/** Reads, checks and opens a model on the first device that takes it, in this thread. Rejects with the errors that `createPredictor` names. */
export async function openModel(spec: OpenSpec, hooks: OpenHooks): Promise<OpenModel> {
  const bytes = typeof spec.model === "string" ? await readModelFile(spec.model) : spec.model;
  hooks.checkpoint?.();
  const digest = digestOf(bytes, spec.sha256);
  const { model, inspection } = checkModel(bytes, spec.limits);
  const carrier = await carryModel(spec, bytes, model, inspection);
  hooks.checkpoint?.();
  const { session, ...opened } = await openOnFirst(spec, carrier, hooks);
  return made(session, {
    ...opened,
    signature: completedSignature(inspection, session.outputs),
    metadata: inspection.metadata,
    digest,
    externalDigest: carrier.externalDigest,
    modelBytes: bytes.byteLength,
    batchUnsafeOps: inspection.batchUnsafeOps,
    loops: inspection.loops,
  });
}

/** Apart from the rest, so that these closures hold nothing of what the opening needed. */
function made(session: RuntimeSession, facts: ModelFacts): OpenModel {
  return {
    facts,
    run: (feeds) => session.run(feeds),
    watch: (onRun) => session.watch(onRun),
    release: () => session.release(),
  };
}

interface OpenedOn extends Pick<ModelFacts, "device" | "skipped" | "runtime"> {
  readonly session: RuntimeSession;
}

async function openOnFirst(spec: OpenSpec, carrier: ModelCarrier, hooks: OpenHooks): Promise<OpenedOn> {
  const skipped: SkippedDevice[] = [];
  const errors: PrediktError[] = [];
  for (const device of spec.devices) {
    try {
      const name = packageOf(device);
      const runtime = await loadRuntime(name);
      const problem = device === "cuda" ? cudaProblem() : undefined;
      if (problem !== undefined) throw new BackendError("BACKEND_UNAVAILABLE", problem);
      hooks.prepare?.(runtime);
      const source = await carrier.for(device);
      const session = await openSession(runtime, source, device, spec);
      const version = runtime.env.versions.node ?? runtime.env.versions.web ?? "";
      return { session, device, skipped, runtime: `${name} ${version}` };
    } catch (thrown) {
      const error = openError(thrown);
      if (error.code === "MODEL_INVALID" || error.code === "CONFIG_INVALID") throw error;
      errors.push(error);
      skipped.push({ device, reason: error.message });
      hooks.checkpoint?.();
    }
  }
  throw nothingOpened(errors, skipped);
}
