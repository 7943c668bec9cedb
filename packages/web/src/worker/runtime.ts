import { BackendError, isPrediktError, type PrediktError } from "@predikt/core";
import * as runtime from "onnxruntime-web/webgpu";
import { keptFile } from "../model-store/kept-files.ts";
import { brokenFile } from "./broken-file.ts";
import type { RuntimeFiles, RuntimeKind } from "./protocol.ts";
import { smallestModel } from "./smallest-model.ts";

export { runtime };

/** The build that this thread has started. */
let running: RuntimeKind | undefined;

/**
 * Starts the runtime of this thread from its files. It starts once: what fails here has failed for the life of the thread.
 *
 * @param kept Whether the files come from this device's store instead of the network.
 * @returns The runtime's name and version.
 * @throws BackendError BACKEND_MISSING that names the file and the cure, BACKEND_UNAVAILABLE, BACKEND_MEMORY
 */
export async function startRuntime(files: RuntimeFiles, threads: number, kept: boolean): Promise<string> {
  if (running !== undefined && files.kind !== "wasm" && files.kind !== running) {
    const cure = "open the model that wants the GPU first, or let it run in a worker";
    throw new BackendError("BACKEND_UNAVAILABLE", `this thread runs the runtime's build "${running}" already, and runs one only: ${cure}`);
  }
  const { env, InferenceSession, Tensor } = runtime;
  env.logLevel = "fatal";
  env.wasm.numThreads = threads;
  const names = kept ? await keptUrls(files) : files;
  env.wasm.wasmPaths = { mjs: names.mjs, wasm: names.wasm };
  try {
    if (files.kind === "asyncify" || kept) env.wasm.wasmBinary = await inflated(names.wasm);
    const session = await InferenceSession.create(smallestModel(), { executionProviders: ["wasm"], logSeverityLevel: 4 });
    await session.run({ x: new Tensor("float32", new Float32Array(1), [1]) });
    await session.release();
    running ??= files.kind;
  } catch (thrown) {
    throw await reasonFor(thrown, files, kept);
  }
  return `onnxruntime-web ${env.versions.web}`;
}

async function keptUrls(files: RuntimeFiles): Promise<RuntimeFiles> {
  const [mjs, wasm] = await Promise.all([keptFile(files.mjs), keptFile(files.wasm)]);
  if (mjs === undefined || wasm === undefined)
    throw new BackendError("BACKEND_MISSING", `the network cannot be reached, and ${files.wasm} was never kept on this device`, {
      details: { url: files.wasm },
    });
  return { kind: files.kind, mjs: URL.createObjectURL(await mjs.blob()), wasm: URL.createObjectURL(await wasm.blob()) };
}

/** The file's bytes, unpacked where they are a gzip stream: some servers undo that themselves. */
async function inflated(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`status ${response.status}`);
  const blob = await response.blob();
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return blob.arrayBuffer();
  return new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

async function reasonFor(thrown: unknown, files: RuntimeFiles, kept: boolean): Promise<PrediktError> {
  if (isPrediktError(thrown)) return thrown;
  const text = String(thrown instanceof Error ? thrown.message : thrown);
  if (/unsafe-eval|Content Security Policy/i.test(text)) {
    const cure = "add 'wasm-unsafe-eval' to script-src, and 'self' to worker-src";
    return new BackendError("BACKEND_UNAVAILABLE", `the page's Content-Security-Policy forbids WebAssembly: ${cure}`, { cause: thrown });
  }
  const broken = kept ? undefined : ((await brokenFile(files.mjs, "script")) ?? (await brokenFile(files.wasm, "wasm")));
  if (broken !== undefined) return broken;
  const code = /memory|allocat/i.test(text) ? "BACKEND_MEMORY" : "BACKEND_UNAVAILABLE";
  return new BackendError(code, `the runtime could not be started: ${text}`, { cause: thrown, details: { url: files.wasm } });
}
