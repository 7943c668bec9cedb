import { InputError, type Tensor, type Tensors } from "@predikt/core";
import type { InferenceSession } from "onnxruntime-common";
import type { OpenSpec } from "../worker/protocol.ts";
import { cudaEntries } from "./cuda.ts";
import type { Runtime } from "./runtime.ts";
import { runError } from "./translate-error.ts";

/** A session of the runtime, with our tensors and errors. */
export interface RuntimeSession {
  run(feeds: Tensors): Promise<Tensors>;
  release(): Promise<void>;
}

/** Opens a session on one device, and on that device only: the runtime's own fallback is silent. */
export async function openSession(runtime: Runtime, source: string | Uint8Array, device: string, spec: OpenSpec): Promise<RuntimeSession> {
  const options = sessionOptions(device, spec);
  if (device === "wasm") runtime.env.wasm.numThreads = spec.threads;
  const session = typeof source === "string" ? await runtime.InferenceSession.create(source, options) : await runtime.InferenceSession.create(source, options);
  const names = session.outputNames;
  const { Tensor: RuntimeTensor } = runtime;
  const run = async (feeds: Tensors): Promise<Tensors> => {
    try {
      const inputs: Record<string, InferenceSession.FeedsType[string]> = {};
      for (const name in feeds) {
        const { type, data, dims } = feeds[name] as Tensor;
        if (type === "string") assertNoNul(name, data as readonly string[]);
        inputs[name] = new RuntimeTensor(type as "float32", data as Float32Array, dims);
      }
      const results = await session.run(inputs);
      const outputs: Record<string, Tensor> = {};
      for (const name of names) {
        const { type, data, dims } = results[name] as Tensor;
        outputs[name] = { type, data: type === "float16" ? bits(data) : data, dims } as Tensor;
      }
      return outputs;
    } catch (thrown) {
      throw runError(thrown);
    }
  };
  return { run, release: () => session.release() };
}

/** The runtime takes strings as C does and would cut them off at U+0000 without a word (onnxruntime 1.30, Node and web). */
function assertNoNul(name: string, data: readonly string[]): void {
  const index = data.findIndex((text) => text.includes("\0"));
  if (index < 0) return;
  const issue = { path: `${name}[${index}]`, expected: "text without U+0000, which ONNX Runtime cannot carry", received: "text with it" };
  throw new InputError("INPUT_VALUE", `input "${issue.path}": expected ${issue.expected}, got ${issue.received}`, { details: { issues: [issue] } });
}

/** float16 arrives as a Float16Array where the platform has one; ours are the raw bits. */
function bits(data: unknown): Uint16Array {
  if (data instanceof Uint16Array) return data;
  const { buffer, byteOffset, length } = data as { buffer: ArrayBuffer; byteOffset: number; length: number };
  return new Uint16Array(buffer, byteOffset, length);
}

function sessionOptions(device: string, spec: OpenSpec): InferenceSession.SessionOptions {
  const given = (spec.sessionOptions ?? {}) as InferenceSession.SessionOptions;
  const base: InferenceSession.SessionOptions = {
    // What the runtime logs would go to stderr; what matters arrives as an error.
    logSeverityLevel: 4,
    ...given,
    intraOpNumThreads: spec.threads,
    executionProviders: [device],
  };
  if (device !== "cuda" || spec.cuda === undefined) return base;
  const entries = cudaEntries(spec.cuda);
  const extra = { ...given.extra, ep: { ...(given.extra?.["ep"] as object | undefined), cudaexecutionprovider: entries } };
  return { ...base, extra, executionProviders: [{ name: "cuda", deviceId: spec.cuda.deviceId ?? 0 }] };
}
