import { type LoadProgress, ModelError } from "@predikt/core";
import type { CheckedModel } from "@predikt/core/onnx";
import { assertDigest } from "@predikt/core/runtime";
import { digestOf } from "../model-store/digest.ts";
import { type FetchedModel, fetchModel, forgetModel, type StoreEvent } from "../model-store/fetch-model.ts";
import { Progress } from "./progress.ts";
import type { FileSpec, LoadedModel, LoadSpec } from "./protocol.ts";

/** Bytes of a model, unless `limits.maxModelBytes` says otherwise: what one WebAssembly memory can hold. */
const defaultMaxBytes = 2 ** 32;

/** The bytes of a model that waits to be opened. */
export interface HeldModel {
  readonly bytes: Uint8Array;
  readonly external: readonly { readonly path: string; readonly data: Uint8Array }[];
}

// What reads models takes long to be ready: the worker first answers, and starts its runtime.
const onnx = (): Promise<typeof import("@predikt/core/onnx")> => import("@predikt/core/onnx");

/** Who hears of a load. */
export interface LoadHooks {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly onEvent: (event: StoreEvent) => void;
}

/**
 * Loads a model and its external data, from the store or the network, and checks it. Rejects with the ModelErrors that `createPredictor` names, or
 * with the signal's reason.
 */
export async function loadModel(spec: LoadSpec, hooks: LoadHooks): Promise<{ held: HeldModel; facts: Omit<LoadedModel, "model"> }> {
  const progress = new Progress(hooks.onProgress);
  const locations = Object.entries(spec.external);
  const parts = [["", spec] as const, ...locations];
  const [main, ...rest] = await Promise.all(parts.map(([location, file]) => load(file, location, spec, hooks, progress)));
  const { checked, file } = await check(main as Loaded, spec, hooks, progress);
  const { inspection } = checked;
  const external = locations.map(([path], index) => ({ path, data: (rest[index] as Loaded).bytes }));
  for (const part of inspection.externalData) {
    const found = external.find(({ path }) => path === part.location);
    if (found === undefined) {
      const where = JSON.stringify(part.location);
      const text = `the model wants external data from ${where}: a model in a browser may use only files that the option externalData maps`;
      throw new ModelError("MODEL_REFUSED", text, { details: { location: part.location } });
    }
    (await onnx()).externalBytes(part, found.data.byteLength);
  }
  const { signature, untyped, metadata, batchUnsafeOps } = inspection;
  const fromCache = [file, ...rest].every((each) => (each as Loaded).fromCache);
  const facts = { signature, untyped, metadata, batchUnsafeOps, digest: file.sha256, modelBytes: file.bytes.byteLength, fromCache };
  return { held: { bytes: file.bytes, external }, facts };
}

interface Loaded extends Omit<FetchedModel, "key"> {
  readonly key: string | undefined;
}

/** A stored model that cannot be read is deleted and fetched once more. */
async function check(
  file: Loaded,
  spec: LoadSpec,
  hooks: LoadHooks,
  progress: Progress,
): Promise<{ readonly checked: CheckedModel; readonly file: Loaded }> {
  const { key } = file;
  const { checkModel } = await onnx();
  try {
    if (spec.refresh && file.fromCache) throw new ModelError("MODEL_INVALID", "the runtime could not read what was stored");
    return { checked: checkModel(file.bytes, spec.limits), file };
  } catch (error) {
    if (key === undefined || !file.fromCache || (error as ModelError).code !== "MODEL_INVALID") throw error;
    hooks.onEvent({ type: "store-corrupt", detail: { key, reason: (error as ModelError).message } });
    await forgetModel(key);
    const again = await load(spec, "", spec, hooks, progress);
    return { checked: checkModel(again.bytes, spec.limits), file: again };
  }
}

async function load(file: FileSpec, location: string, spec: LoadSpec, hooks: LoadHooks, progress: Progress): Promise<Loaded> {
  const { source, size, sha256 } = file;
  if (typeof source !== "string")
    return { bytes: source as Uint8Array<ArrayBuffer>, sha256: await given(source, sha256), fromCache: true, key: undefined };
  const name = location || nameOf(source);
  return fetchModel({
    url: source,
    sha256,
    size,
    store: spec.store,
    headers: spec.headers,
    retries: spec.retries,
    idleTimeoutMs: spec.idleTimeoutMs,
    maxBytes: spec.limits?.maxModelBytes ?? defaultMaxBytes,
    signal: hooks.signal,
    onProgress: ({ loaded, total, fromCache }) => progress.report({ name, loaded, total }, fromCache),
    onEvent: hooks.onEvent,
  });
}

async function given(bytes: Uint8Array, expected: string | undefined): Promise<string> {
  const received = await digestOf(bytes as Uint8Array<ArrayBuffer>, { subtle: globalThis.crypto?.subtle });
  assertDigest(received, expected);
  return received;
}

function nameOf(url: string): string {
  return url.startsWith("data:") ? "data" : (new URL(url).pathname.split("/").pop() ?? url);
}
