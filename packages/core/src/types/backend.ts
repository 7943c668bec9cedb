import type { AbortLike, Priority } from "./options.ts";
import type { ModelMetadata, Signature } from "./signature.ts";
import type { Tensors } from "./tensor.ts";

/** Where a model's bytes come from: a path or URL that the backend understands, or the bytes themselves. */
export type ModelSource = string | URL | Uint8Array | ArrayBuffer;

/** A device by the name users ask for. */
export type Device = "auto" | "cpu" | "cuda" | "wasm" | "webgpu" | "coreml" | "dml" | (string & {});

/** A choice that was tried or considered, and why it was not taken. */
export interface SkippedDevice {
  readonly device: string;
  readonly reason: string;
}

/** One file of a load. */
export interface FileProgress {
  /** The file's name without its folders; two files of one load have two names. */
  readonly name: string;
  readonly loaded: number;
  readonly total: number | undefined;
}

/** How far a load has come. Within a phase, `ratio` is between 0 and 1 and never falls; it is undefined while the total is unknown. */
export interface LoadProgress {
  /** `runtime`: the runtime's own files; `download`: the model's; `open`: the runtime reads the model; `warmup`: the example runs. */
  readonly phase: "runtime" | "download" | "open" | "warmup";
  /** Bytes, where the phase has some. */
  readonly loaded: number;
  readonly total: number | undefined;
  readonly ratio: number | undefined;
  /** Whether the bytes came from a store on this device, where the backend has one. */
  readonly fromCache?: boolean | undefined;
  /** The files of a download, where there are several. */
  readonly files?: readonly FileProgress[] | undefined;
}

/** What a backend is asked to open. */
export interface OpenRequest {
  /** There unless the backend is `sourceless`. */
  readonly source: ModelSource;
  /** The model's name, where it was given or the definition has one. */
  readonly name?: string | undefined;
  /** Hex SHA-256 that the model's bytes must have, else MODEL_INTEGRITY. */
  readonly sha256?: string | undefined;
  /** A device or an ordered list of them. Default: `"auto"`. */
  readonly device?: Device | readonly Device[] | undefined;
  /** Aborts the load. */
  readonly signal?: AbortLike | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Called for each thing that happens inside the backend while it opens and after. */
  readonly onEvent?: ((event: BackendEvent) => void) | undefined;
  /** Called when `session.concurrency` has changed. */
  readonly onCapacity?: (() => void) | undefined;
  /** The largest number of rows a run will carry: 1 without batching. */
  readonly maxBatchSize?: number | undefined;
}

/** Something that happened inside an open session. */
export interface BackendEvent {
  readonly type:
    | "worker-lost"
    | "worker-replaced"
    | "worker-added"
    | "threads-limited"
    | "execution-chosen"
    | "device-changed"
    | "circuit-opened"
    | "circuit-closed"
    | "store-degraded"
    | "store-evicted"
    | "store-corrupt";
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Facts about an open session. They are data: nothing in the SDK branches on a backend's name. */
export interface SessionFacts {
  readonly signature: Signature;
  readonly metadata: ModelMetadata;
  /** Hex SHA-256 of the model's bytes, or undefined where the backend never sees them (a remote server). */
  readonly digest: string | undefined;
  readonly modelBytes: number | undefined;
  /** The device that runs. */
  readonly device: string;
  readonly skipped: readonly SkippedDevice[];
  /** Operators found in the file whose rows influence one another in a batch (DynamicQuantizeLinear and its kin). */
  readonly batchUnsafeOps: readonly string[];
}

/** Options of one run. */
export interface RunOptions {
  /** The most urgent of the jobs in it, for a backend whose sessions share one runtime. */
  readonly priority?: Priority | undefined;
  /** Fires when nobody waits for the result any more. Given to sessions with `stopsAbandoned`. */
  readonly abandoned?: AbortLike | undefined;
  /** The input buffers may be detached. */
  readonly transfer?: boolean | undefined;
  /** Milliseconds in which the result is of use to any of its jobs, for a backend that passes the limit on; Infinity where one of them has none. */
  readonly timeoutMs?: number | undefined;
  /** The `requestId` of its job, where it has one job and that has one. */
  readonly requestId?: string | undefined;
  /** What its most urgent job was called with. By the signal a backend may know whose run it is; to heed it is not the backend's: that is `abandoned`. */
  readonly call?: { readonly signal?: AbortLike | undefined } | undefined;
}

/** A model opened on a device: tensors in, tensors out. It does not retry, batch or log. */
export interface BackendSession extends SessionFacts {
  /** How many runs may be under way at once now. It may grow; `onCapacity` tells. At least 1. */
  readonly concurrency: number;
  /** Where runs happen: `inline`, `worker`, `process`, or a backend's own word. */
  readonly execution: string;
  /** Set where a run stops once `RunOptions.abandoned` fires: that signal is made only for backends that heed it. Default: false. */
  readonly stopsAbandoned?: boolean | undefined;
  /** Anything else worth showing in `predictor.info` (threads, workers, measured run time). */
  readonly details: Readonly<Record<string, unknown>>;
  /**
   * Runs the model once. Rejects with BACKEND_RUN (the runtime refused or failed), BACKEND_MEMORY, BACKEND_LOST (the
   * worker died), DEADLINE_EXCEEDED (killed past its hard limit).
   */
  run(feeds: Tensors, options?: RunOptions): Promise<Tensors>;
  /** Tells how many jobs wait, so that a pool may grow; 0 once none does any more. */
  pressure?(waiting: number): void;
  /** Lets a backend that chooses its placement by measuring do so, with inputs like those to come. Called once, before the first run. */
  calibrate?(feeds: Tensors): Promise<void>;
  /** Ends the session after its running work and gives the memory back. Idempotent. */
  close(): Promise<void>;
}

/** Opens models. Implement this to bring another runtime; `@predikt/core/testing` has its contract suite. */
export interface Backend<Options extends object = object> {
  readonly interfaceVersion: 1;
  /** For people: it appears in `info.backend` and in messages. */
  readonly name: string;
  /** Set where it finds the model by itself, and `source` may be left out. Such a backend's `Options` say so: `{ source?: string }`. Default: false. */
  readonly sourceless?: boolean | undefined;
  open(request: OpenRequest & Options): Promise<BackendSession>;
}
