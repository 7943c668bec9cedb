import { bucketOf, endsOf } from "./bucket.ts";
import type { ShareInForce } from "./events.ts";
import type { Traffic, TrafficShare } from "./types.ts";

/** A split of requests among shares. */
export class Split {
  readonly shares: readonly TrafficShare[];
  readonly #seed: string;
  readonly #ends: readonly number[];
  readonly #total: number;

  constructor({ split, seed }: Traffic, name: string) {
    this.shares = split;
    this.#seed = seed ?? name;
    this.#ends = endsOf(split.map(({ weight }) => weight));
    this.#total = split.reduce((sum, { weight }) => sum + weight, 0);
  }

  get champion(): TrafficShare {
    return this.shares[0] as TrafficShare;
  }

  /** The share of a key, or of a random number in [0, 1) where there is none. */
  choose(key: string | undefined, random: () => number): TrafficShare {
    const at = key === undefined ? random() : bucketOf(this.#seed, key);
    return this.shares[this.#ends.findIndex((end) => at < end)] ?? this.champion;
  }

  /** The split where some shares have lost their traffic to the first. */
  inForce(versionOf: (share: TrafficShare) => string | undefined, isOff: (share: TrafficShare) => boolean): ShareInForce[] {
    const off = new Set(this.shares.filter(isOff));
    const lost = [...off].reduce((sum, { weight }) => sum + weight, 0);
    return this.shares.map((share) => {
      const weight = off.has(share) ? 0 : share === this.champion ? share.weight + lost : share.weight;
      return { label: share.label, version: versionOf(share), weight: weight / this.#total };
    });
  }
}
