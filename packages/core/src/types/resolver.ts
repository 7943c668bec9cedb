import type { Predictor } from "./predictor.ts";

/** A predictor of any input and output. */
export type AnyPredictor = Predictor<unknown, unknown>;

/** What a request says about the version it wants. */
export interface ModelSelector {
  readonly version?: string | undefined;
  readonly label?: string | undefined;
  readonly routingKey?: string | undefined;
}

/** One version of one model, as documents and health checks list it. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  readonly labels: readonly string[];
  readonly predictor: AnyPredictor;
}

/** A predictor that stays open until it is given back. */
export interface Lease {
  readonly predictor: AnyPredictor;
  /** Gives it back. Called once. */
  readonly release: () => void;
}

/** One version that a resolver knows, open or not. */
export interface VersionStatus {
  readonly name: string;
  readonly version: string;
  /** `READY`, `LOADING`, `UNLOADING`, `UNAVAILABLE` or `UNKNOWN`. */
  readonly state: string;
  /** Why it is in that state; `""` where there is nothing to say. */
  readonly reason: string;
  readonly labels: readonly string[];
}

/** How requests for a model are divided, for those who watch. A registry tells more: `registry.traffic(name)`. */
export interface TrafficStatus {
  readonly split: readonly { readonly label: string | undefined; readonly version: string | undefined; readonly weight: number }[];
  readonly versions: readonly {
    readonly version: string;
    /** 0 to 1. */
    readonly weight: number;
    readonly requests: number;
    readonly errors: number;
    readonly p50Ms: number | undefined;
    readonly p95Ms: number | undefined;
  }[];
  readonly shadow:
    | {
        readonly version: string | undefined;
        readonly compared: number;
        readonly dropped: number;
        readonly failed: number;
        readonly agreement: number | undefined;
        readonly meanAbsoluteDifference: number | undefined;
        readonly latencyRatio: number | undefined;
      }
    | undefined;
  readonly rollbacks: readonly { readonly reason: string }[];
}

/** Finds the predictor for a request. A plain list is wrapped in one; a registry is one. */
export interface ModelResolver {
  /** @throws ModelError MODEL_NOT_FOUND where no such model, version or label is served. */
  resolve(name: string, selector: ModelSelector): AnyPredictor;
  /** As `resolve`, for a call: a version that is being replaced stays open for those who have it. Default: `resolve`, whose predictors stay open. */
  lease?(name: string, selector: ModelSelector): Lease;
  /** Every version that can be asked for, those that answer by default first. */
  list(): readonly ServedModel[];
  /** Calls the listener after `list()` has changed or a model has gone, until the returned function is called. Default: it never does. */
  onChange?(listener: () => void): () => void;
  /** Models that should answer and of which no version is open yet, and why: a server is not ready while there are any. Default: none. */
  unready?(): readonly { readonly name: string; readonly state: string }[];
  /** Every version that there is, those too that are not open. Default: those of `list()`. */
  index?(): readonly VersionStatus[];
  /** How requests for a model are divided. Default: they are not. */
  traffic?(name: string): TrafficStatus | undefined;
}
