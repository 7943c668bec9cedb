import type { Counter, Gauge, Histogram } from "prom-client";

type Instrument = Counter<string> | Gauge<string> | Histogram<string>;

/** What one version has in each instrument: found once for each set of labels, and forgotten together. */
export class VersionSeries {
  /** How many write to it: a version may be opened anew while the old one drains. */
  users = 0;
  readonly #labels: { readonly model: string; readonly version: string };
  readonly #bound = new Map<Instrument, Map<string, { readonly labels: Record<string, string>; readonly to: unknown }>>();

  constructor(model: string, version: string) {
    this.#labels = { model, version };
  }

  /** Has a counter begin at 0, so that its first increase is seen as one. */
  begin(counter: Counter<string>, label?: string, value?: string): void {
    (this.#of(counter, label, value) as Counter.Internal).inc(0);
  }

  count(counter: Counter<string>, label?: string, value?: string): void {
    (this.#of(counter, label, value) as Counter.Internal).inc();
  }

  observe(histogram: Histogram<string>, value: number, label?: string, text?: string): void {
    (this.#of(histogram, label, text) as Histogram.Internal<string>).observe(value);
  }

  set(gauge: Gauge<string>, value: number): void {
    (this.#of(gauge) as Gauge.Internal<string>).set(value);
  }

  forget(): void {
    for (const [instrument, series] of this.#bound) for (const { labels } of series.values()) instrument.remove(labels);
    this.#bound.clear();
  }

  #of(instrument: Instrument, label = "", value = ""): unknown {
    let series = this.#bound.get(instrument);
    if (series === undefined) {
      series = new Map();
      this.#bound.set(instrument, series);
    }
    let found = series.get(value);
    if (found === undefined) {
      const labels = { ...this.#labels, ...(label === "" ? {} : { [label]: value }) };
      found = { labels, to: instrument.labels(labels) };
      series.set(value, found);
    }
    return found.to;
  }
}
