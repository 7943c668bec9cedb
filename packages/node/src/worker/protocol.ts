import type { ErrorJson, ModelMetadata, Signature, SkippedDevice, Tensors } from "@predikt/core";
import type { CheckLimits } from "@predikt/core/onnx";
import type { CudaOptions } from "../backend/options.ts";

/** What a worker is to open. It crosses threads and processes. */
export interface OpenSpec {
  /** A file that the worker reads itself, or the bytes. */
  readonly model: string | Uint8Array;
  readonly sha256: string | undefined;
  /** Hex SHA-256 that the external data must have, where the model was open before. */
  readonly externalDigest: string | undefined;
  /** To try in this order. */
  readonly devices: readonly string[];
  readonly threads: number;
  readonly limits: CheckLimits | undefined;
  readonly externalData: Readonly<Record<string, string | Uint8Array>> | undefined;
  readonly cuda: CudaOptions | undefined;
  readonly sessionOptions: Readonly<Record<string, unknown>> | undefined;
}

/** What is known of a model once it is open. */
export interface ModelFacts {
  readonly signature: Signature;
  readonly metadata: ModelMetadata;
  readonly digest: string;
  /** Hex SHA-256 over the files of external data, where the model has some. */
  readonly externalDigest: string | undefined;
  readonly modelBytes: number;
  readonly device: string;
  readonly skipped: readonly SkippedDevice[];
  readonly batchUnsafeOps: readonly string[];
  /** Nodes that repeat a graph: how long a run takes is their input's choice. */
  readonly loops: readonly string[];
  /** The runtime's package and version. */
  readonly runtime: string;
}

/** To a worker. */
export type Command =
  | { readonly type: "open"; readonly spec: OpenSpec }
  | { readonly type: "run"; readonly id: number; readonly feeds: Tensors }
  | { readonly type: "close" };

/** From a worker. `runMs` is the run alone, without the way there and back. */
export type Report =
  | { readonly type: "opened"; readonly facts: ModelFacts }
  | { readonly type: "refused"; readonly error: ErrorJson }
  | { readonly type: "ran"; readonly id: number; readonly outputs: Tensors; readonly runMs: number }
  | { readonly type: "failed"; readonly id: number; readonly error: ErrorJson };

/** Places in a thread worker's shared flags. */
export const flags = {
  /** 1 while native code runs in the thread. */
  busy: 0,
  /** 1 once the process is going away and nothing may start. */
  stop: 1,
} as const;
