import type { StorePlatform } from "./platform.ts";
import type { DownloadProgress, FetchRequest } from "./types.ts";

const intervalMs = 100;

/** Tells how far a load has come: never backwards, never past the total, and not for every chunk. */
export class Meter {
  readonly #report: FetchRequest["onProgress"];
  readonly #now: () => number;
  #shown = 0;
  #total: number | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #told: DownloadProgress | undefined;

  constructor(report: FetchRequest["onProgress"], { now }: Pick<StorePlatform, "now">) {
    this.#report = report;
    this.#now = now;
  }

  /** A reply has begun, and promises so many bytes in all. */
  expect(total: number | undefined): void {
    this.#total = total;
  }

  /** So many bytes are there. After a restart they are fewer than were shown, which is not told. */
  at(loaded: number): void {
    this.#shown = Math.max(this.#shown, loaded);
    // The promise was that of the encoded bytes, which another origin does not say.
    if (this.#total !== undefined && this.#shown > this.#total) this.#total = undefined;
    const now = this.#now();
    if (now - this.#lastAt < intervalMs) return;
    this.#lastAt = now;
    this.#tell(this.#total, false);
  }

  /** Everything is there. */
  end(bytes: number, fromCache: boolean): void {
    this.#shown = Math.max(this.#shown, bytes);
    this.#tell(this.#shown, fromCache);
  }

  #tell(total: number | undefined, fromCache: boolean): void {
    const { loaded, total: toldTotal, fromCache: toldCache } = this.#told ?? {};
    if (loaded === this.#shown && toldTotal === total && toldCache === fromCache) return;
    this.#told = { loaded: this.#shown, total, fromCache };
    this.#report(this.#told);
  }
}
