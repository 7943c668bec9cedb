import type { RolledBack, ShareInForce } from "./events.ts";

/** How one version fared since traffic, shadow or rollback was set; times are of the last 4096 calls that succeeded. */
export interface VersionTraffic {
  readonly version: string;
  /** Its part of the requests that ask for no version, 0 to 1. */
  readonly weight: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
}

/** How a shadow compares with those who answered. Undefined where nothing was compared yet. */
export interface ShadowReport {
  /** Undefined where it is not READY. */
  readonly version: string | undefined;
  readonly compared: number;
  /** Requests that it did not see, since it could not keep up or was not READY. */
  readonly dropped: number;
  /** Requests that it failed to answer. */
  readonly failed: number;
  /** Share of answers that agree, 0 to 1. */
  readonly agreement: number | undefined;
  /** Mean over all numbers of all answers. */
  readonly meanAbsoluteDifference: number | undefined;
  /** Its median time over the champion's, of the last 4096 compared. */
  readonly latencyRatio: number | undefined;
}

/** What `registry.traffic(name)` tells. */
export interface TrafficReport {
  readonly name: string;
  readonly split: readonly ShareInForce[];
  readonly versions: readonly VersionTraffic[];
  readonly shadow: ShadowReport | undefined;
  /** Rollbacks since traffic was set, the last 100 at most. */
  readonly rollbacks: readonly RolledBack[];
}
