/** UNKNOWN: not asked for; LOADING: being opened; READY: answers; UNLOADING: finishes its work; UNAVAILABLE: failed, or unloaded. */
export type VersionState = "UNKNOWN" | "LOADING" | "READY" | "UNLOADING" | "UNAVAILABLE";

/** What trips a rollback. */
export type Gate = "error-rate" | "p95";

/** A share of a split as it is in force. */
export interface ShareInForce {
  readonly label: string | undefined;
  /** Which version that is now; undefined where it is not READY. */
  readonly version: string | undefined;
  /** 0 to 1. */
  readonly weight: number;
}

/** A rollback that has happened. */
export interface RolledBack {
  /** The version that lost its traffic. */
  readonly from: string;
  /** The version that gets it. */
  readonly to: string;
  readonly gate: Gate;
  /** What was measured: a share from 0 to 1, or milliseconds. */
  readonly value: number;
  readonly limit: number;
  readonly reason: string;
}

/** What a registry reports. Names are noun-verb, past tense. */
export type RegistryEvent =
  | {
      readonly type: "version-state-changed";
      readonly name: string;
      readonly version: string;
      readonly state: VersionState;
      readonly reason: string;
      /** How long opening and checking took, where it has just ended in READY. */
      readonly loadMs: number | undefined;
    }
  | { readonly type: "traffic-changed"; readonly name: string; readonly split: readonly ShareInForce[] }
  | {
      readonly type: "shadow-compared";
      readonly name: string;
      readonly champion: string;
      readonly shadow: string;
      readonly agrees: boolean;
      /** Mean over the numbers of one answer; undefined where it has none. */
      readonly meanAbsoluteDifference: number | undefined;
      /** Undefined where the answer came with others. */
      readonly championMs: number | undefined;
      readonly shadowMs: number;
    }
  | ({ readonly type: "rolled-back"; readonly name: string } & RolledBack);
