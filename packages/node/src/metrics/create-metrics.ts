import { ConfigError } from "@predikt/core";
import { type MetricsSource, type ModelResolver, type ServedModel, watchModels } from "@predikt/core/serving";
import type { Registry } from "prom-client";
import { createInstruments, type Instruments } from "./instruments.ts";
import { loadPromClient } from "./load-prom-client.ts";
import { createProcessInstruments } from "./process-instruments.ts";
import { recordReply } from "./record-reply.ts";
import { showResolver } from "./show-resolver.ts";
import { VersionRecorder } from "./version-recorder.ts";
import { VersionSeries } from "./version-series.ts";

/** Versions that have gone and are kept for the next scrape; more push the oldest out. */
const keptGone = 32;

/** Options of `createMetrics`. */
export interface MetricsOptions {
  /** Where the metrics go: prom-client's `register`, say, which an application may have filled already. Default: a registry of its own. */
  readonly registry?: Registry | undefined;
  /** What all names but those of the process begin with. Default: `"predikt_"`. */
  readonly prefix?: string | undefined;
  /** Upper bounds in seconds of the histograms of time. Default: 0.5 ms to 10 s in fourteen steps. */
  readonly buckets?: readonly number[] | undefined;
  /** Measure the event loop, memory and processor time of the process. Default: true; what the registry has already is not measured twice. */
  readonly process?: boolean | undefined;
}

/** Metrics of models and requests, for `HandlerOptions.metrics`. */
export interface Metrics extends MetricsSource {
  readonly registry: Registry;
  render(): Promise<string>;
  watch(resolver: ModelResolver): () => void;
  reply: NonNullable<MetricsSource["reply"]>;
  /** What this process has measured, as plain data for {@link mergeMetrics}. */
  collect(): Promise<readonly object[]>;
  /** Stops measuring, and takes out of the registry what it put there. */
  close(): void;
}

/**
 * Makes Prometheus metrics of what handlers serve: `predikt({ models, metrics: await createMetrics() })`. A version that goes is shown in one more scrape,
 * so that its last numbers are not lost, and is removed then.
 *
 * @throws BackendError BACKEND_MISSING without prom-client; ConfigError CONFIG_INVALID where the registry has metrics of that prefix already
 */
export async function createMetrics(options: MetricsOptions = {}): Promise<Metrics> {
  const client = await loadPromClient();
  const { registry = new client.Registry() as Registry, prefix = "predikt_", buckets } = options;
  if (!/^[a-zA-Z_:][\w:]*$|^$/.test(prefix)) throw new ConfigError("prefix", "letters, digits, _ and :", "something else");
  if (registry.getSingleMetric(`${prefix}requests_total`) !== undefined)
    throw new ConfigError("registry", `one without metrics of the prefix ${prefix}`, "one that has them already");
  const before = new Set(registry.getMetricsAsArray().map(({ name }) => name));

  const recorders = new Map<ServedModel["predictor"], VersionRecorder>();
  const gone = new Set<VersionRecorder>();
  const series = new Map<string, VersionSeries>();
  const resolvers = new Set<ModelResolver>();
  const instruments: Instruments = createInstruments(client, registry, { prefix, buckets }, collectAll);
  const stopProcess = options.process === false ? undefined : createProcessInstruments(client, registry, prefix);

  function seriesOf({ name, version }: ServedModel): VersionSeries {
    const key = JSON.stringify([name, version]);
    const known = series.get(key);
    if (known !== undefined && known.users > 0) return known;
    const made = new VersionSeries(name, version);
    series.set(key, made);
    return made;
  }

  function added(model: ServedModel): () => void {
    let recorder = recorders.get(model.predictor);
    if (recorder === undefined) {
      recorder = new VersionRecorder(model, instruments, seriesOf(model));
      recorders.set(model.predictor, recorder);
    } else {
      recorder.watchers++;
      recorder.shown = false;
      gone.delete(recorder);
    }
    const own = recorder;
    return () => {
      if (--own.watchers > 0) return;
      gone.add(own);
      const [oldest] = gone;
      if (gone.size > keptGone && oldest !== undefined) forget(oldest);
    };
  }

  function forget(recorder: VersionRecorder): void {
    gone.delete(recorder);
    recorders.delete(recorder.predictor);
    recorder.forget();
    for (const [key, { users }] of series) if (users === 0) series.delete(key);
  }

  function collectAll(): void {
    for (const recorder of gone) {
      if (recorder.shown) forget(recorder);
      else recorder.shown = recorder.inFlight === 0;
    }
    instruments.modelInfo.reset();
    for (const recorder of recorders.values()) recorder.showInfo();
    const states = new Map<VersionSeries, { inFlight: number; queued: number }>();
    for (const { series, inFlight, queued } of recorders.values()) {
      const state = states.get(series) ?? { inFlight: 0, queued: 0 };
      states.set(series, { inFlight: state.inFlight + inFlight, queued: state.queued + queued });
    }
    for (const [series, { inFlight, queued }] of states) {
      series.set(instruments.inFlight, inFlight);
      series.set(instruments.queueDepth, queued);
    }
    showResolver(instruments, resolvers);
  }

  return {
    registry,
    contentType: registry.contentType,
    render: () => registry.metrics(),
    collect: () => registry.getMetricsAsJSON(),
    watch(resolver) {
      resolvers.add(resolver);
      const stop = watchModels(resolver, added);
      return () => {
        stop();
        resolvers.delete(resolver);
      };
    },
    reply: (event) => recordReply(instruments, event),
    close() {
      stopProcess?.();
      for (const recorder of recorders.values()) recorder.forget();
      recorders.clear();
      gone.clear();
      for (const { name } of registry.getMetricsAsArray()) if (!before.has(name)) registry.removeSingleMetric(name);
    },
  };
}
