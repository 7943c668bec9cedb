import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { ModelError } from "@predikt/core";
import { externalBytes, type Inspection, inlineExternalData, type ModelProto, writeModel } from "@predikt/core/onnx";
import type { OpenSpec } from "../worker/protocol.ts";
import { findExternalData, notFound } from "./model-file.ts";

/** Bytes that one buffer, and so one model in memory, may have. */
const maxInlinedBytes = 2 ** 31 - 1;

type Files = Readonly<Record<string, string | Uint8Array>>;

/** Gives the model as a device's runtime is to have it. */
export interface ModelCarrier {
  readonly externalDigest: string | undefined;
  /** The checked bytes, or the path where the runtime can map external data beside it instead of copying it. */
  for(device: string): Promise<string | Uint8Array>;
}

/**
 * Finds and digests a model's external data.
 *
 * @throws ModelError MODEL_REFUSED, MODEL_NOT_FOUND, MODEL_INVALID where a file is too short, MODEL_INTEGRITY where it is not what it was
 */
export async function carryModel(spec: OpenSpec, bytes: Uint8Array, model: ModelProto, inspection: Inspection): Promise<ModelCarrier> {
  const path = typeof spec.model === "string" ? spec.model : undefined;
  const locations = [...new Set(inspection.externalData.map(({ location }) => location))].sort();
  if (locations.length === 0) return { externalDigest: undefined, for: async () => bytes };
  const files: Record<string, string | Uint8Array> = {};
  for (const location of locations) files[location] = await findExternalData(location, path, spec.externalData?.[location]);
  const sizes: Record<string, number> = {};
  for (const location of locations) sizes[location] = await sizeOf(files[location] as string | Uint8Array, location);
  for (const external of inspection.externalData) externalBytes(external, sizes[external.location] as number);
  const externalDigest = await digestOfAll(files);
  if (spec.externalDigest !== undefined && spec.externalDigest !== externalDigest) {
    const details = { expected: spec.externalDigest, received: externalDigest };
    throw new ModelError("MODEL_INTEGRITY", "the model's external data has changed since it was opened first", { details });
  }
  const beside = spec.externalData === undefined ? path : undefined;
  let inlined: Promise<Uint8Array> | undefined;
  return {
    externalDigest,
    for: async (device) => {
      // WebAssembly has no files.
      if (beside !== undefined && device !== "wasm") return beside;
      inlined ??= inlineAll(model, files, sizes);
      return inlined;
    },
  };
}

async function inlineAll(model: ModelProto, files: Files, sizes: Readonly<Record<string, number>>): Promise<Uint8Array> {
  const total = Object.values(sizes).reduce((a, b) => a + b, 0);
  if (total > maxInlinedBytes) {
    throw new ModelError(
      "MODEL_UNSUPPORTED",
      `external data of ${total} bytes: expected at most ${maxInlinedBytes}, unless its files lie beside a model given by path and the device is not wasm`,
    );
  }
  const contents: Record<string, Uint8Array> = {};
  for (const [location, file] of Object.entries(files)) contents[location] = typeof file === "string" ? await readFile(file) : file;
  return writeModel(inlineExternalData(model, contents));
}

/** Hex SHA-256 over the files' own digests, in the order of their locations. */
async function digestOfAll(files: Files): Promise<string> {
  const all = createHash("sha256");
  for (const file of Object.values(files)) {
    const one = createHash("sha256");
    if (typeof file === "string") for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) one.update(chunk as Buffer);
    else one.update(file);
    all.update(one.digest());
  }
  return all.digest("hex");
}

async function sizeOf(file: string | Uint8Array, location: string): Promise<number> {
  if (typeof file !== "string") return file.byteLength;
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw notFound(location, cause);
  }
}
