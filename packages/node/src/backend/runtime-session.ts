import { ConfigError, type TensorSpec, type Tensors } from "@predikt/core";
import { fromRuntimeTensors, runError, runtimeOutput, toRuntimeTensors } from "@predikt/core/runtime";
import type { InferenceSession } from "onnxruntime-common";
import type { OpenSpec } from "../worker/protocol.ts";
import { cudaEntries } from "./cuda.ts";
import type { Runtime } from "./runtime.ts";

/** A session of the runtime, with our tensors and errors. */
export interface RuntimeSession {
  /** What the runtime gives, with the types that it has inferred. */
  readonly outputs: readonly TensorSpec[];
  /**
   * Runs under way at once follow one another in one turn of the event loop. They settle together, after the last: then a server sends their answers
   * in one go, and does not wake a client between two runs.
   */
  run(feeds: Tensors): Promise<Tensors>;
  /** Tells of each run how long this thread was in it, as near as can be known. */
  watch(onRun: (runMs: number) => void): void;
  /** Frees the model after the runs under way. Idempotent. */
  release(): Promise<void>;
}

/** Opens a session on one device, and on that device only: the runtime's own fallback is silent. */
export async function openSession(runtime: Runtime, source: string | Uint8Array, device: string, spec: OpenSpec): Promise<RuntimeSession> {
  const options = sessionOptions(device, spec);
  if (device === "wasm") setThreads(runtime, spec.threads);
  const inTurn = device === "wasm" ? inWasmTurn : atOnce;
  // Not in a closure here: those below would hold the model's bytes with it.
  const session = await inTurn(create, runtime, source, options);
  const outputs = session.outputMetadata.map(runtimeOutput);
  // onnxruntime-web logs what a run fails at whatever its session was told; onnxruntime-node does not.
  const quiet = device === "wasm" ? { logSeverityLevel: 4 as const } : undefined;
  const names = session.outputNames;
  const { Tensor: RuntimeTensor } = runtime;
  let running = 0;
  let releasing: Promise<void> | undefined;
  let drained: (() => void)[] = [];
  let onRun: ((runMs: number) => void) | undefined;
  let since = 0;
  const run = async (feeds: Tensors): Promise<Tensors> => {
    if (running === 0 && onRun !== undefined) startWatch();
    running++;
    try {
      const inputs = toRuntimeTensors(feeds, RuntimeTensor);
      const results = await inTurn(() => session.run(inputs, quiet));
      return fromRuntimeTensors(results, names);
    } catch (thrown) {
      throw runError(thrown);
    } finally {
      running--;
      if (onRun !== undefined) {
        const now = performance.now();
        onRun(now - since);
        since = now;
      }
      if (running > 0) await lastRun();
      else if (drained.length > 0) settle();
    }
  };
  // onnxruntime-node runs in an immediate, before which this one comes, so that other work of the event loop is not counted; onnxruntime-web at once.
  const startWatch = (): void => {
    since = performance.now();
    setImmediate(() => {
      since = performance.now();
    });
  };
  const lastRun = (): Promise<void> => new Promise((resolve) => drained.push(resolve));
  const settle = (): void => {
    const all = drained;
    drained = [];
    for (const each of all) each();
  };
  // The runtime fails runs that still wait when their session goes.
  const release = async (): Promise<void> => {
    if (running > 0) await lastRun();
    await inTurn(() => session.release());
  };
  const watch: RuntimeSession["watch"] = (listener) => {
    onRun = listener;
  };
  return { outputs, run, watch, release: () => (releasing ??= release()) };
}

function create(runtime: Runtime, source: string | Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  return typeof source === "string" ? runtime.InferenceSession.create(source, options) : runtime.InferenceSession.create(source, options);
}

function atOnce<Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>, ...args: Args): Promise<Result> {
  return work(...args);
}

/** The last thing that WebAssembly was given to do on this thread. */
let wasmTail: Promise<unknown> = Promise.resolve();

/** One thing after another, whichever session it is for: two at once spoil each other's state (onnxruntime-web 1.30: "Cannot read properties of null"). */
function inWasmTurn<Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>, ...args: Args): Promise<Result> {
  const turn = wasmTail.then(() => work(...args));
  wasmTail = turn.catch(() => {});
  return turn;
}

/** The threads of a WebAssembly runtime that has started. */
let wasmThreads: number | undefined;

/** WebAssembly starts its threads once for all sessions of this thread. @throws ConfigError CONFIG_INVALID where it has others already */
function setThreads(runtime: Runtime, threads: number): void {
  if (wasmThreads !== undefined && wasmThreads !== threads)
    throw new ConfigError(
      "threads",
      `${wasmThreads}, with which WebAssembly runs on this thread already (execution "worker" has its own)`,
      `${threads}`,
    );
  wasmThreads = threads;
  runtime.env.wasm.numThreads = threads;
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
