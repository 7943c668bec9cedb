/** Time as the SDK sees it, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds on a monotonic scale. */
  now(): number;
  /** Calls back after that many milliseconds; returns a handle for `clear`. */
  after(ms: number, callback: () => void): unknown;
  clear(handle: unknown): void;
}
