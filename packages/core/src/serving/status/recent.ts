/** What happened to one version within the last minute. */
export interface RecentNumbers {
  /** How much of the minute was seen. */
  readonly seconds: number;
  readonly requestsPerSecond: number;
  /** Share of the requests that failed by our fault or were not taken, 0 to 1; null where there were none. */
  readonly errorRatio: number | null;
  /** Of requests that succeeded, within 8 %; null where there were none. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Mean over the runs; null where there were none. */
  readonly rowsPerRun: number | null;
  readonly maxRows: number;
  /** Requests and errors of each second that is over, oldest first. */
  readonly requests: readonly number[];
  readonly errors: readonly number[];
}

/** Seconds that are kept. */
const kept = 60;
/** Times fall into bins that grow by a fifth of an octave each, from 0.05 ms to a minute. */
const perOctave = 5;
const leastMs = 0.05;
const bins = 102;

class Second {
  requests = 0;
  errors = 0;
  runs = 0;
  rows = 0;
  maxRows = 0;
  readonly times: Uint32Array = new Uint32Array(bins);
  readonly at: number;

  constructor(at: number) {
    this.at = at;
  }
}

/** Counts the last minute, second by second. Its memory does not grow with the load: 25 kB. */
export class Recent {
  readonly #since: number;
  readonly #seconds: Second[] = [];

  /** @param nowMs A clock's time, as everywhere below. */
  constructor(nowMs: number) {
    this.#since = nowMs;
  }

  /** @param totalMs How long it took; undefined where it did not succeed. */
  settled(nowMs: number, totalMs: number | undefined, isError: boolean): void {
    const second = this.#now(nowMs);
    second.requests++;
    if (isError) second.errors++;
    if (totalMs === undefined) return;
    const bin = Math.floor(Math.log2(totalMs / leastMs) * perOctave);
    const at = Math.min(bins - 1, Math.max(0, bin));
    second.times[at] = (second.times[at] as number) + 1;
  }

  ran(nowMs: number, rows: number): void {
    const second = this.#now(nowMs);
    second.runs++;
    second.rows += rows;
    second.maxRows = Math.max(second.maxRows, rows);
  }

  numbers(nowMs: number): RecentNumbers {
    const current = this.#now(nowMs);
    const sum = { requests: 0, errors: 0, runs: 0, rows: 0 };
    const times = new Uint32Array(bins);
    let maxRows = 0;
    for (const second of this.#seconds) {
      for (const key of ["requests", "errors", "runs", "rows"] as const) sum[key] += second[key];
      maxRows = Math.max(maxRows, second.maxRows);
      for (const [bin, count] of second.times.entries()) times[bin] = (times[bin] as number) + count;
    }
    const seconds = Math.min(kept, (nowMs - this.#since) / 1000);
    const before = Array.from({ length: kept - 1 }, (_, i) => this.#seconds.find(({ at }) => at === current.at - kept + 1 + i));
    return {
      seconds,
      requestsPerSecond: sum.requests / Math.max(1, seconds),
      errorRatio: sum.requests === 0 ? null : sum.errors / sum.requests,
      p50Ms: percentile(times, 0.5),
      p95Ms: percentile(times, 0.95),
      p99Ms: percentile(times, 0.99),
      rowsPerRun: sum.runs === 0 ? null : sum.rows / sum.runs,
      maxRows,
      requests: before.map((second) => second?.requests ?? 0),
      errors: before.map((second) => second?.errors ?? 0),
    };
  }

  #now(nowMs: number): Second {
    const at = Math.floor(nowMs / 1000);
    const last = this.#seconds.at(-1);
    while (this.#seconds.length > 0 && (this.#seconds[0] as Second).at <= at - kept) this.#seconds.shift();
    if (last?.at === at) return last;
    const second = new Second(at);
    this.#seconds.push(second);
    return second;
  }
}

/** The middle, by ratio, of the bin that holds it. */
function percentile(times: Uint32Array, share: number): number | null {
  const total = times.reduce((a, b) => a + b, 0);
  if (total === 0) return null;
  const rank = Math.ceil(total * share);
  let seen = 0;
  const bin = times.findIndex((count) => {
    seen += count;
    return seen >= rank;
  });
  return leastMs * 2 ** ((bin + 0.5) / perOctave);
}
