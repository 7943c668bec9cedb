import type { AbortLike, AnyPredictor, Clock, Definition, ModelResolver, ModelSelector, Predictor } from "../types/index.ts";
import type { RegistryEvent, VersionState } from "./events.ts";
import type { TrafficReport } from "./report.ts";

/** One version of one model, as an index lists it. */
export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly state: VersionState;
  /** Why it is in that state; `""` where there is nothing to say. */
  readonly reason: string;
  /** The labels that point at it now; `stable` is at the version that answers by default. */
  readonly labels: readonly string[];
}

/**
 * Which of the versions that there are shall be open: the `n` latest, all, or these. Versions that labels, traffic or shadow name are open as well. Default:
 * `latest(1)`. Versions are compared as numbers where all of a model's are whole numbers; else the one given last is the latest.
 */
export type VersionPolicy = "all" | { readonly latest: number } | { readonly specific: readonly string[] };

/** An input whose answer is known, checked before a version is READY. */
export interface GoldenCase {
  /** As `predict` takes it: the definition's input, or named tensors. */
  readonly input: unknown;
  /** What it must give. Raw outputs may be written as nested or flat arrays. Properties that it does not name are not looked at. */
  readonly output?: unknown;
  /**
   * How far each number may be off: `|a − b| ≤ tolerance × max(1, |expected|)`. Default: 1e-3. Strings, booleans, bigints, the elements of integer tensors, and
   * shapes must be the same.
   */
  readonly tolerance?: number | undefined;
  /** Judges the output instead of `output`, or as well: returns `false` or a reason, or throws, where it is wrong. */
  readonly check?: ((output: never) => unknown) | undefined;
}

/** One version of a model that there is, and how it is opened. */
export interface VersionSource {
  /** Letters, digits, `_`, `-`, `.`: it stands in URLs. */
  readonly version: string;
  /**
   * What stands for its content, e.g. a digest or a time: when another one comes under the same version, it is opened anew and swapped. Default: what
   * a version holds never changes.
   */
  readonly revision?: string | undefined;
  /** Opens it, warmed up: `createPredictor(…)`. The signal aborts when nobody wants it any more. The registry closes what it gives. */
  readonly open: (signal: AbortLike) => Promise<AnyPredictor>;
  /** Checked when it is open, before it is READY. */
  readonly golden?: readonly GoldenCase[] | undefined;
}

/**
 * One side of a split: a label or a version, and its weight beside the others' (≥ 0; any unit). The label must be set, `stable` too: without it that
 * would be the latest version, which may be the canary.
 */
export interface TrafficShare {
  readonly label?: string | undefined;
  readonly version?: string | undefined;
  readonly weight: number;
}

/** How requests that ask for neither a version nor a label are divided. */
export interface Traffic {
  /** The first is the champion: it gets what a rollback takes away from another. A share that is not READY is answered by default. */
  readonly split: readonly TrafficShare[];
  /**
   * With it, a routing key finds its side: the same seed, key and shares give the same side, in every process. Default: the model's name.
   * Shares lie in the order given on [0, 1), so that the last of a split only gains keys while its weight grows.
   */
  readonly seed?: string | undefined;
}

/** A version that is asked along, whose answers nobody gets. */
export interface Shadow {
  readonly label?: string | undefined;
  readonly version?: string | undefined;
  /** Share of requests that it sees, 0 to 1. Default: 1. */
  readonly sample?: number | undefined;
  /** Requests that may wait for it; more are dropped and counted. At least 1. Default: 64. */
  readonly queueLimit?: number | undefined;
  /** Bytes that copies of waiting requests may take. At least 1. Default: 64 MiB. */
  readonly queueBytes?: number | undefined;
  /** It starts one only while at most that many of the model's own calls are under way. At least 0. Default: 0. */
  readonly maxInFlight?: number | undefined;
  /** How far single numbers may differ in answers that agree: `|a − b| ≤ tolerance × max(1, |a|, |b|)`. Default: 0.1. */
  readonly tolerance?: number | undefined;
  /**
   * Whether two answers agree. Default: strings, booleans and whole numbers are the same, lists of fractions, and the rows of tensors, have their largest in
   * the same place, and single fractions are within `tolerance`.
   */
  readonly agrees?: ((champion: never, shadow: never) => boolean) | undefined;
}

/** When the version of a share, other than the first, loses its traffic to the first; until traffic is set anew, or the share gets another version. */
export interface Rollback {
  /** Largest share of requests that may fail, 0 to 1. Wrong inputs and calls that were aborted do not count as failures. */
  readonly errorRate?: number | undefined;
  /** Largest 95th percentile in milliseconds of the calls that succeed. */
  readonly p95Ms?: number | undefined;
  /** How far back requests count, in milliseconds; the last 4096 at most. Default: 60,000. */
  readonly windowMs?: number | undefined;
  /** Requests in the window before any gate is looked at. Default: 50. */
  readonly minimumRequests?: number | undefined;
}

/** How a model is served. What is left out stays as it is; `null` takes it away. */
export interface ModelConfig {
  readonly policy?: VersionPolicy | undefined;
  /** Label → version. All labels are given at once. `stable` answers by default; without it the latest READY version does. */
  readonly labels?: Readonly<Record<string, string>> | null | undefined;
  readonly traffic?: Traffic | null | undefined;
  readonly shadow?: Shadow | null | undefined;
  readonly rollback?: Rollback | null | undefined;
}

/** Options of `createRegistry`. */
export interface RegistryOptions {
  /** Predictors that are open already, each a version as its `info` says; whoever made them closes them. Of one name, the first is `stable`. */
  readonly models?: readonly AnyPredictor[] | undefined;
  /** How long a version that is replaced waits for those who still have it before it closes, in milliseconds. Default: 60,000. */
  readonly drainTimeoutMs?: number | undefined;
  readonly onEvent?: ((event: RegistryEvent) => void) | undefined;
  /** Time and timers. Default: the platform's. */
  readonly clock?: Clock | undefined;
  /** Gives a number in [0, 1), for requests without a routing key and for sampling. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** Models, their versions and who answers. Mounts wherever a list of predictors does. */
export interface Registry extends ModelResolver {
  lease: NonNullable<ModelResolver["lease"]>;
  onChange: NonNullable<ModelResolver["onChange"]>;
  unready: NonNullable<ModelResolver["unready"]>;
  /**
   * Says which versions of a model there are now, all of them; opens, swaps and closes what the policy asks for. Resolves when each wanted one is
   * READY or UNAVAILABLE; those that are replaced drain meanwhile. An old version goes on answering where a new one cannot be opened. An empty list
   * takes the model away. Calls for one model run one after the other; a load that a later call does not want is aborted.
   *
   * A part of the config that equals the one given last time changes nothing, so that reading a repository again does not undo a rollback.
   *
   * @throws ConfigError CONFIG_INVALID; LifecycleError CLOSED
   */
  setVersions(name: string, versions: readonly VersionSource[], config?: ModelConfig): Promise<void>;
  /**
   * Changes labels, traffic, shadow or rollback at once, and the policy from the next `setVersions` on. All of it or, where it is wrong, nothing.
   *
   * @throws ModelError MODEL_NOT_FOUND; ConfigError CONFIG_INVALID, also where a label names a version that is not READY; LifecycleError CLOSED
   */
  configure(name: string, config: ModelConfig): void;
  /**
   * Opens a version, again where it is open: the old one answers until the new one is READY. Also one that the policy left out or that was
   * unloaded. Default: those that the policy asks for. It stays until `unload`.
   *
   * @throws ModelError MODEL_NOT_FOUND; LifecycleError CLOSED, also where it was unloaded meanwhile; what opening or the golden cases threw
   */
  load(name: string, version?: string): Promise<void>;
  /**
   * Takes a version, or all, out of service until `load`; resolves once it is drained and closed.
   *
   * @throws ModelError MODEL_NOT_FOUND; LifecycleError CLOSED
   */
  unload(name: string, version?: string): Promise<void>;
  /** Every version that is known, whatever its state; of one model, the latest first. */
  index(): readonly ModelVersion[];
  /**
   * A predictor that asks the registry anew for each call, and so follows swaps, labels and traffic. Closing it closes nothing else. By its definition, whose
   * name the model has, it is typed; by a name, it takes and gives what the caller says. Its `info` is that of the version that answers by default; while
   * none is READY, of the last that did, with `state: "closed"`.
   */
  predictor<Input, Output>(definition: Definition<Input, Output>, selector?: ModelSelector): Predictor<Input, Output>;
  predictor<Input = unknown, Output = unknown>(name: string, selector?: ModelSelector): Predictor<Input, Output>;
  /** Calls the listener for each event of that type, or of all with `"*"`. Returns the function that stops it. */
  on<T extends RegistryEvent["type"] | "*">(
    type: T,
    listener: (event: T extends "*" ? RegistryEvent : Extract<RegistryEvent, { type: T }>) => void,
  ): () => void;
  /** How the versions fare beside one another; undefined where neither traffic, shadow nor rollback is set. @throws ModelError MODEL_NOT_FOUND */
  traffic(name: string): TrafficReport | undefined;
  /** Refuses new work, aborts loads, waits for those who have a version, and closes what it opened. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
