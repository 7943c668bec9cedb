import type { SkippedDevice } from "./backend.ts";
import type { Definition } from "./definition.ts";
import type { PredictorEvent } from "./events.ts";
import type { PredictOptions } from "./options.ts";
import type { ModelMetadata, Signature } from "./signature.ts";
import type { RawInputs, Tensors } from "./tensor.ts";

/** Where a prediction's time went, in milliseconds. */
export interface Timings {
  /** From being ready to run until its run began. */
  readonly queueMs: number;
  readonly encodeMs: number;
  /** The whole batch's run. */
  readonly runMs: number;
  readonly decodeMs: number;
  readonly totalMs: number;
}

/** Which model answered. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  readonly digest: string | undefined;
}

/** What one member of a composition did for a prediction. */
export interface StagePrediction {
  /** Its place in the composition, from 0. */
  readonly stage: number;
  readonly model: ModelIdentity;
  readonly device: string;
  readonly timings: Timings;
  readonly batchSize: number;
  /** The error's code, where it failed and the composition went on without it. */
  readonly code?: string | undefined;
}

/** A prediction with everything known about how it was made. */
export interface Prediction<Output> {
  readonly output: Output;
  readonly id: string;
  readonly model: ModelIdentity;
  readonly device: string;
  readonly timings: Timings;
  /** Rows in the run that answered, batch mates included; 0 where none did. */
  readonly batchSize: number;
  /** What the members of a composition did, in their order. Of a cascade, those that were asked: the last one answered. */
  readonly stages?: readonly StagePrediction[] | undefined;
  /** Set where the answer was kept from an earlier call, and nothing ran. */
  readonly fromCache?: true | undefined;
}

/** What batching does for a predictor: `false`, or its limits; `reason` says why it is off where it was `"auto"`. */
export interface BatchingInfo {
  readonly enabled: boolean;
  readonly maxBatchSize: number;
  readonly maxDelayMs: number;
  readonly reason?: string | undefined;
}

/** What a predictor is and where it runs. */
export interface PredictorInfo extends ModelIdentity {
  readonly backend: string;
  readonly device: string;
  readonly skipped: readonly SkippedDevice[];
  readonly execution: string;
  readonly signature: Signature;
  readonly metadata: ModelMetadata;
  readonly modelBytes: number | undefined;
  readonly batching: BatchingInfo;
  readonly state: "ready" | "draining" | "closed";
  /** Milliseconds from the call of `createPredictor` until it was ready, where it was loaded here. */
  readonly loadMs?: number | undefined;
  /** The backend's own facts: threads, workers, measured run time. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Counters of one member of a composition: the composition's own calls of it. */
export interface MemberStats {
  readonly name: string;
  readonly version: string;
  readonly calls: number;
  readonly failed: number;
}

/** Counters of a response cache. */
export interface CacheStats {
  /** Calls that an earlier answer served. */
  readonly hits: number;
  /** Calls that ran. */
  readonly misses: number;
  /** Calls that waited for the run of another one with the same input. */
  readonly shared: number;
  /** Calls that ran without the cache, since their input cannot be compared. */
  readonly bypassed: number;
  /** Answers held now, and about how many bytes they take. */
  readonly entries: number;
  readonly bytes: number;
}

/** Counters since the predictor was made. */
export interface PredictorStats {
  readonly requests: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly aborted: number;
  readonly expired: number;
  readonly rejected: number;
  /** Waiting and running jobs now. */
  readonly queued: number;
  readonly running: number;
  /** Model runs and the rows they carried; `rows / runs` is the mean batch. */
  readonly runs: number;
  readonly rows: number;
  /** Batches that failed and were retried job by job. */
  readonly isolations: number;
  /** Of a composition. Its `runs` and `rows` are its calls of members. */
  readonly members?: readonly MemberStats[] | undefined;
  /** Of a predictor behind a response cache. */
  readonly cache?: CacheStats | undefined;
}

/** Runs one model. What `createPredictor`, `httpPredictor` and `firstAvailable` give. */
export interface Predictor<Input = RawInputs, Output = Tensors> {
  readonly info: PredictorInfo;
  readonly definition: Definition<Input, Output> | undefined;
  /** Predicts one item. Rejects with an InputError, DefinitionError, BackendError, OverloadError or LifecycleError, or with `signal.reason`. */
  predict(input: Input, options?: PredictOptions): Promise<Output>;
  /** Predicts several items; each settles on its own, in the order given. */
  predictMany(inputs: readonly Input[], options?: PredictOptions): Promise<PromiseSettledResult<Output>[]>;
  /** As `predict`, with id, model, device, timings and batch size. */
  predictDetailed(input: Input, options?: PredictOptions): Promise<Prediction<Output>>;
  /** As `predictDetailed`, from tensors that are encoded already: skips `encode`, keeps `decode`. */
  predictEncoded(tensors: RawInputs, options?: PredictOptions): Promise<Prediction<Output>>;
  /** Runs the model on tensors, without `encode` and `decode`. */
  run(tensors: RawInputs, options?: PredictOptions): Promise<Tensors>;
  stats(): PredictorStats;
  /** Calls the listener for each event of that type, or of all with `"*"`. Returns the function that stops it. */
  on<T extends PredictorEvent["type"] | "*">(
    type: T,
    listener: (event: T extends "*" ? PredictorEvent : Extract<PredictorEvent, { type: T }>) => void,
  ): () => void;
  /** Runs the example once, so that the first real request is as fast as the rest. `createPredictor` has done it already. */
  warmup(): Promise<void>;
  /** Refuses new work, finishes what runs and waits, then frees the model. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
