import type { CheckLimits } from "@predikt/core/onnx";

/** Where runs happen. */
export type Execution = "auto" | "inline" | "worker" | "process";

/** Options of the CUDA device. Source of the names: ONNX Runtime's CUDA execution provider. */
export interface CudaOptions {
  /** Which GPU. Minimum 0, default 0. */
  readonly deviceId?: number | undefined;
  /** Bytes of GPU memory that the runtime's arena may take (`gpu_mem_limit`). Default: all. */
  readonly memoryLimitBytes?: number | undefined;
  /** Whether float32 products may use TensorFloat-32, which is faster and has a 10-bit mantissa (`use_tf32`). Default: the runtime's, true. */
  readonly tf32?: boolean | undefined;
  /** How cuDNN looks for its convolution (`cudnn_conv_algo_search`). Default: the runtime's, `"exhaustive"`. */
  readonly cudnnSearch?: "default" | "heuristic" | "exhaustive" | undefined;
}

/** How a model is downloaded. */
export interface DownloadOptions {
  /** Request headers, e.g. `authorization`. None of them is sent on to another origin after a redirect. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Attempts after the first, for what may pass: no connection, a broken one, 408, 425, 429 and 5xx. Minimum 0, default 3. */
  readonly retries?: number | undefined;
  /** Milliseconds without a byte after which an attempt has failed. Default: 30,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Default: the platform's `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** Options of {@link nodeBackend}, each of them an option of `createPredictor` too. */
export interface NodeOptions {
  /**
   * - `"worker"`: in worker threads, so that the event loop stays free.
   * - `"process"`: in child processes, which can be killed: see `maxRunMs` and `maxRssBytes`.
   * - `"inline"`: on the calling thread, which waits meanwhile. The fastest for tiny models.
   * - `"auto"`: opens in a worker, measures the largest batch, and moves inline where that takes less than half a millisecond and the model has no
   *   loops. Where runs come to take longer there, it moves back to workers; for that it keeps the model's bytes, if the source is bytes or a
   *   download. With `maxRunMs`, `maxOpenMs` or `maxRssBytes` it is `"process"`.
   *
   * Default: `"auto"`.
   */
  readonly execution?: Execution | undefined;
  /**
   * Threads that one run may use (`intraOpNumThreads`). Minimum 1, default 1: on a busy server one thread a run and more workers do more work
   * for the same CPU time. Fewer are given where the process's CPU budget has not as many left: see the event `threads-limited`.
   */
  readonly threads?: number | undefined;
  /** Workers that this predictor may grow to under load; it starts with one. Minimum 1, default: what the process's CPU budget allows. */
  readonly maxWorkers?: number | undefined;
  /**
   * Milliseconds after which opening the model, downloads apart, is killed and fails with DEADLINE_EXCEEDED. Needs what `maxRunMs` needs. Default:
   * 60,000 where `maxRunMs` is set, else none.
   */
  readonly maxOpenMs?: number | undefined;
  /** Milliseconds after which a run is killed and fails with DEADLINE_EXCEEDED. Needs `"process"`, or `"worker"` with the device `"wasm"`. Default: none. */
  readonly maxRunMs?: number | undefined;
  /** Bytes of resident memory past which the child process is killed and its run fails with BACKEND_MEMORY. Needs `"process"`. Default: none. */
  readonly maxRssBytes?: number | undefined;
  /** Limits that a model file must keep before the runtime sees it. */
  readonly limits?: CheckLimits | undefined;
  /**
   * Files of a model's external data by the location the model names: paths or bytes. A model given by path may also use files of its own
   * folder; one given by URL or as bytes may use these only. `sha256` and `info.digest` are the model file's own; external data is digested while
   * loading (`info.details.externalDigest`), and a worker that is started later fails with MODEL_INTEGRITY where it has changed.
   */
  readonly externalData?: Readonly<Record<string, string | Uint8Array>> | undefined;
  readonly download?: DownloadOptions | undefined;
  readonly cuda?: CudaOptions | undefined;
  /** Handed to the runtime's `InferenceSession.create` as they are, before Predikt's own. Plain JSON. */
  readonly sessionOptions?: Readonly<Record<string, unknown>> | undefined;
}
