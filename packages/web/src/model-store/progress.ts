import type { StorePlatform } from "./platform.ts";
import type { DownloadProgress, FetchRequest } from "./types.ts";

const intervalMs = 100;

/** Tells how far a load has come: never backwards, never past the total, and not for every chunk. Silent once the load was aborted. */
export class Meter {
  readonly #request: Pick<FetchRequest, "onProgress" | "signal">;
  readonly #platform: Pick<StorePlatform, "now" | "timer">;
  #shown = 0;
  #total: number | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #told: DownloadProgress | undefined;
  /** Stops what is going to tell of the chunks that came too soon after others. */
  #stop: (() => void) | undefined;

  constructor(request: Pick<FetchRequest, "onProgress" | "signal">, platform: Pick<StorePlatform, "now" | "timer">) {
    this.#request = request;
    this.#platform = platform;
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
    const wait = this.#lastAt + intervalMs - this.#platform.now();
    if (wait <= 0) this.#tell(this.#total, false);
    else this.#stop ??= this.#platform.timer(wait, () => this.#tell(this.#total, false));
  }

  /** Everything is there. */
  end(bytes: number, fromCache: boolean): void {
    this.#shown = Math.max(this.#shown, bytes);
    this.#tell(this.#shown, fromCache);
  }

  /** Nothing more will be told. */
  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #tell(total: number | undefined, fromCache: boolean): void {
    this.stop();
    if (this.#request.signal.aborted) return;
    const { loaded, total: toldTotal, fromCache: toldCache } = this.#told ?? {};
    if (loaded === this.#shown && toldTotal === total && toldCache === fromCache) return;
    this.#lastAt = this.#platform.now();
    this.#told = { loaded: this.#shown, total, fromCache };
    this.#request.onProgress(this.#told);
  }
}
