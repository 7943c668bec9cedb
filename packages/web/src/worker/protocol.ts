import type { LoadProgress, ModelMetadata, Signature, TensorSpec, Tensors } from "@predikt/core";
import type { CheckLimits } from "@predikt/core/onnx";
import type { DeviceSupport } from "../device/supported-devices.ts";
import type { StoreEvent, StoreKind } from "../model-store/fetch-model.ts";

/** The runtime's builds: plain WebAssembly; with WebGPU over JSPI; with WebGPU over Asyncify, where the browser has no JSPI. */
export type RuntimeKind = "wasm" | "jspi" | "asyncify";

/** Where the files of one build lie, as absolute URLs. */
export interface RuntimeFiles {
  readonly kind: RuntimeKind;
  readonly mjs: string;
  /** May be gzipped: the worker looks at its first bytes. */
  readonly wasm: string;
}

/** A file to load: an absolute URL, or the bytes. */
export interface FileSpec {
  readonly source: string | Uint8Array;
  readonly sha256: string | undefined;
  readonly size: number | undefined;
}

/** A model to load. */
export interface LoadSpec extends FileSpec {
  /** Files of external data by the location that the model names. */
  readonly external: Readonly<Record<string, FileSpec>>;
  readonly limits: CheckLimits | undefined;
  readonly store: StoreKind;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly retries: number;
  readonly idleTimeoutMs: number;
  /** Whether what is stored of it is not to be trusted. */
  readonly refresh: boolean;
}

/** What this browser can run. */
export interface Probe {
  readonly devices: readonly DeviceSupport[];
  /** Whether WebAssembly can wait for promises (JSPI). */
  readonly jspi: boolean;
}

/** A model whose bytes the worker holds, checked. */
export interface LoadedModel {
  readonly model: number;
  readonly signature: Signature;
  readonly untyped: readonly string[];
  readonly metadata: ModelMetadata;
  readonly digest: string;
  readonly modelBytes: number;
  readonly batchUnsafeOps: readonly string[];
  readonly fromCache: boolean;
}

/** A session that is open in the worker. */
export interface OpenedSession {
  readonly session: number;
  readonly outputs: readonly TensorSpec[];
}

/** What a worker can be asked, and what it answers. */
export type Calls = {
  ping: { readonly ask: object; readonly answer: undefined };
  probe: { readonly ask: object; readonly answer: Probe };
  /** Starts the runtime. `kept`: from this device's store, since the network failed. */
  start: { readonly ask: { readonly files: RuntimeFiles; readonly threads: number; readonly kept: boolean }; readonly answer: string };
  load: { readonly ask: { readonly spec: LoadSpec }; readonly answer: LoadedModel };
  /** Lets go of a loaded model's bytes. */
  forget: { readonly ask: { readonly model: number }; readonly answer: undefined };
  create: {
    readonly ask: { readonly model: number; readonly device: string; readonly options: Readonly<Record<string, unknown>> };
    readonly answer: OpenedSession;
  };
  run: { readonly ask: { readonly session: number; readonly feeds: Tensors }; readonly answer: Tensors };
  /** The shortest of some runs, in milliseconds. */
  time: { readonly ask: { readonly session: number; readonly feeds: Tensors; readonly rounds: number }; readonly answer: number };
  release: { readonly ask: { readonly session: number }; readonly answer: undefined };
  /** Puts the runtime's files by for days without a network. */
  keep: { readonly ask: { readonly urls: readonly string[] }; readonly answer: undefined };
};

/** What a load tells before it is done. */
export type LoadNews =
  | { readonly type: "progress"; readonly progress: LoadProgress }
  | { readonly type: "event"; readonly event: StoreEvent };
