import { bucketOf, endsOf } from "./bucket.ts";
import type { ShareInForce } from "./events.ts";
import type { Traffic, TrafficShare } from "./types.ts";

/** A split of requests among shares, some of which may have lost their traffic to the first. */
export class Split {
  readonly shares: readonly TrafficShare[];
  readonly #seed: string;
  readonly #ends: readonly number[];
  readonly #total: number;
  readonly #off = new Set<TrafficShare>();

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
    const share = this.shares[this.#ends.findIndex((end) => at < end)];
    return share === undefined || this.#off.has(share) ? this.champion : share;
  }

  /** Gives a share's traffic to the first. */
  stop(share: TrafficShare): void {
    this.#off.add(share);
  }

  /** Whether a share is one that can lose traffic. */
  canLose(share: TrafficShare): boolean {
    return share !== this.champion && share.weight > 0 && !this.#off.has(share);
  }

  inForce(versionOf: (share: TrafficShare) => string | undefined): ShareInForce[] {
    const lost = this.shares.reduce((sum, share) => (this.#off.has(share) ? sum + share.weight : sum), 0);
    return this.shares.map((share) => {
      const weight = this.#off.has(share) ? 0 : share === this.champion ? share.weight + lost : share.weight;
      return { label: share.label, version: versionOf(share), weight: weight / this.#total };
    });
  }
}
