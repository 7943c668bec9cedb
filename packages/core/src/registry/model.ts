import { ConfigError, LifecycleError } from "../errors/index.ts";
import type { AnyPredictor, Clock, Lease, ModelSelector, ServedModel } from "../types/index.ts";
import { checkConfig } from "./check-config.ts";
import type { RegistryEvent } from "./events.ts";
import type { Instance } from "./instance.ts";
import { Lifecycle } from "./lifecycle.ts";
import { type Names, Plan } from "./plan.ts";
import { inOrder } from "./policy.ts";
import type { TrafficReport } from "./report.ts";
import { notFound, Routing } from "./routing.ts";
import { Serial } from "./serial.ts";
import { surplusOf } from "./surplus.ts";
import type { ModelConfig, ModelVersion, VersionSource } from "./types.ts";
import { Version } from "./version.ts";
import { Watch } from "./watch.ts";

/** What a model needs of its registry. */
export interface ModelHost {
  readonly clock: Clock;
  readonly random: () => number;
  readonly drainTimeoutMs: number;
  readonly emit: (event: RegistryEvent) => void;
  /** What the model serves has changed. */
  readonly changed: () => void;
  /** Nothing is left of the model. */
  readonly emptied: () => void;
}

/** One model of a registry: its versions, what is done to them one after the other, and who answers meanwhile. */
export class Model {
  readonly name: string;
  readonly #host: ModelHost;
  readonly #versions = new Map<string, Version>();
  readonly #serial = new Serial();
  readonly #lifecycle: Lifecycle;
  readonly #routing: Routing;
  readonly #watch: Watch;
  readonly #plan = new Plan();
  /** What answers where nothing is asked for and nothing is watched. */
  #plain: Instance | undefined;
  #end: "DRAINING" | "CLOSED" | undefined;
  /** Calls of `setVersions`, and the last one's end. */
  #calls = 0;
  #lastCall: Promise<unknown> = Promise.resolve();
  #pending = 0;

  constructor(name: string, host: ModelHost) {
    this.name = name;
    this.#host = host;
    this.#routing = new Routing(name, this.#versions);
    const { clock, random, emit, drainTimeoutMs } = host;
    this.#lifecycle = new Lifecycle({ name, clock, drainTimeoutMs, changed: (version, loadMs) => this.#changed(version, loadMs) });
    this.#watch = new Watch({
      name,
      clock,
      random,
      emit,
      find: (target) => this.#routing.find(target)?.current,
      fallback: () => this.#routing.fallback?.current,
      ready: () => this.#routing.ready.map((version) => version.current as Instance),
    });
  }

  get served(): readonly ServedModel[] {
    return this.#routing.served;
  }

  /** Its state where it should answer and cannot. */
  get unready(): string | undefined {
    if (this.#routing.fallback !== undefined) return undefined;
    const states = this.#wanted().map(({ state }) => state);
    return states.find((state) => state === "LOADING") ?? states[0];
  }

  index(): ModelVersion[] {
    const { name } = this;
    return inOrder([...this.#versions.keys()])
      .reverse()
      .map((key) => {
        const version = this.#versions.get(key) as Version;
        const { state, reason } = version;
        return { name, version: key, state, reason, labels: this.#routing.labelsOf(version) };
      });
  }

  /** The version that a request asks for, taken until it is released. @throws ModelError MODEL_NOT_FOUND; LifecycleError NOT_READY, DRAINING, CLOSED */
  lease(selector: ModelSelector): Lease {
    const asked = selector.version !== undefined || selector.label !== undefined;
    if (this.#plain !== undefined && !asked) return this.#plain.take();
    this.#mustBeOpen();
    const chosen = asked ? undefined : this.#watch.choose(selector.routingKey);
    const instance = chosen ?? (this.#routing.resolve(selector).current as Instance);
    return this.#watch.isOn ? this.#watch.lease(instance, asked) : instance.take();
  }

  resolve(selector: ModelSelector): AnyPredictor {
    this.#mustBeOpen();
    return (this.#routing.resolve(selector).current as Instance).predictor;
  }

  traffic(): TrafficReport | undefined {
    return this.#watch.report();
  }

  /** Takes predictors that are open already; the first is `stable`. */
  adopt(predictors: readonly AnyPredictor[]): void {
    const entries = predictors.map((predictor) => new Version({ version: predictor.info.version, open: async () => predictor }, false));
    for (const entry of entries) this.#versions.set(entry.version, entry);
    for (const [i, entry] of entries.entries()) this.#lifecycle.adopt(entry, predictors[i] as AnyPredictor);
    this.#plan.policy = "all";
    this.#routing.wanted = new Map([["stable", (entries[0] as Version).version]]);
    for (const entry of entries) this.#changed(entry);
  }

  async setVersions(sources: readonly VersionSource[], config: ModelConfig): Promise<void> {
    const call = ++this.#calls;
    for (const version of this.#plan.outdated(this.#versions.values(), sources, config, this.#names)) this.#lifecycle.abort(version);
    const done = this.#do(async () => {
      try {
        const labels = new Set(this.#routing.wanted.keys());
        checkConfig(config, { versions: new Set(sources.map(({ version }) => version)), labels });
        this.#replace(sources);
        this.#take(this.#plan.changesOf(config));
      } finally {
        // Where a later call waits already, it says what is to be opened.
        if (call === this.#calls) await this.#reconcile();
      }
    });
    this.#lastCall = done.catch(() => {});
    await done;
    await this.#settledCalls();
  }

  configure(config: ModelConfig): void {
    this.#mustBeOpen();
    const present = new Set(this.#routing.ordered);
    checkConfig(config, { versions: present, labels: new Set(this.#routing.wanted.keys()) });
    for (const [label, version] of Object.entries(config.labels ?? {})) {
      const { state } = this.#versions.get(version) as Version;
      if (state !== "READY") throw new ConfigError(`config.labels.${label}`, "a version that is READY", `"${version}", which is ${state}`);
    }
    this.#take(config);
  }

  load(key?: string): Promise<void> {
    return this.#do(async () => {
      const targets = this.#targets(key);
      for (const version of targets) version.unloaded = false;
      if (key !== undefined) (targets[0] as Version).pinned = true;
      const wanted = this.#wanted().filter((version) => targets.includes(version));
      const failures = await Promise.all(wanted.map((version) => this.#lifecycle.open(version)));
      this.#dropUnwanted();
      const failure = failures.find((one) => one !== undefined);
      if (failure !== undefined) throw failure.error;
    });
  }

  async unload(key?: string): Promise<void> {
    for (const [version, entry] of this.#versions) if (key === undefined || version === key) this.#lifecycle.abort(entry);
    // The drain is waited for outside of the row, where others may have their turn.
    const drains: Promise<void>[] = [];
    await this.#do(async () => {
      for (const version of this.#targets(key)) {
        version.unloaded = true;
        version.pinned = false;
        drains.push(this.#lifecycle.retire(version, "unloaded"));
      }
    });
    await Promise.all(drains);
  }

  async close(): Promise<void> {
    this.#end = "DRAINING";
    this.#plain = undefined;
    this.#watch.stop();
    for (const version of this.#versions.values()) this.#lifecycle.abort(version);
    await this.#serial.run(async () => {
      for (const version of [...this.#versions.values()]) if (version.current !== undefined) void this.#lifecycle.retire(version, "closed");
    });
    await this.#lifecycle.drained();
    this.#end = "CLOSED";
  }

  /** Does some work on the versions once what came before has ended. */
  async #do(work: () => Promise<void>): Promise<void> {
    this.#pending++;
    try {
      await this.#serial.run(() => {
        this.#mustBeOpen();
        return work();
      });
    } finally {
      this.#pending--;
      this.#leaveIfEmpty();
    }
  }

  /** Waits for the last call of `setVersions`, which does what earlier ones left to it. */
  async #settledCalls(): Promise<void> {
    for (let last: unknown; last !== this.#lastCall; ) {
      last = this.#lastCall;
      await last;
    }
  }

  #mustBeOpen(): void {
    const { name } = this;
    if (this.#end === "DRAINING") throw new LifecycleError("DRAINING", `model "${name}": its registry is closing and takes no more work`);
    if (this.#end === "CLOSED") throw new LifecycleError("CLOSED", `model "${name}": its registry is closed`);
  }

  /** @throws ModelError MODEL_NOT_FOUND */
  #targets(key: string | undefined): Version[] {
    const present = [...this.#versions.values()].filter(({ gone }) => !gone);
    if (key === undefined) return present;
    const found = present.find(({ version }) => version === key);
    if (found !== undefined) return [found];
    throw notFound(
      `version "${key}" of model "${this.name}"`,
      present.map(({ version }) => version),
    );
  }

  /** Keeps the versions in the order given, those that are gone before them. */
  #replace(sources: readonly VersionSource[]): void {
    const given = new Set(sources.map(({ version }) => version));
    const old = new Map(this.#versions);
    this.#versions.clear();
    for (const [key, version] of old) {
      if (given.has(key)) continue;
      version.gone = true;
      this.#versions.set(key, version);
    }
    for (const source of sources) {
      const version = old.get(source.version) ?? new Version(source, true);
      version.source = source;
      version.owned = true;
      version.gone = false;
      this.#versions.set(source.version, version);
    }
  }

  #take({ policy, labels, ...watched }: ModelConfig): void {
    if (policy !== undefined) this.#plan.policy = policy;
    if (labels !== undefined) this.#routing.wanted = new Map(Object.entries(labels ?? {}));
    this.#watch.configure(watched);
    this.#refresh();
  }

  get #names(): Names {
    return { labels: this.#routing.wanted, targets: this.#watch.targets };
  }

  /** The versions that shall be open. */
  #wanted(): Version[] {
    const ordered = this.#routing.ordered.map((key) => this.#versions.get(key) as Version);
    return this.#plan.wanted(ordered, this.#names);
  }

  async #reconcile(): Promise<void> {
    const missing = this.#wanted().filter((version) => version.isOutdated);
    await Promise.all(missing.map((version) => this.#lifecycle.open(version)));
    this.#dropUnwanted();
  }

  #dropUnwanted(): void {
    const versions = [...this.#versions.values()];
    for (const [version, reason] of surplusOf(versions, new Set(this.#wanted()), this.#routing))
      void this.#lifecycle.retire(version, reason);
    for (const version of versions) if (version.isOver) this.#versions.delete(version.version);
    this.#refresh();
  }

  #changed(version: Version, loadMs?: number): void {
    if (version.isOver) this.#versions.delete(version.version);
    this.#refresh(version, loadMs);
    this.#leaveIfEmpty();
  }

  /** Looks anew at who answers, and tells what has changed. */
  #refresh(loaded?: Version, loadMs?: number): void {
    const changed = this.#routing.update();
    this.#plain = this.#watch.isOn || this.#end !== undefined ? undefined : this.#routing.fallback?.current;
    for (const version of [...this.#versions.values(), ...(loaded === undefined ? [] : [loaded])]) {
      const news = version.news();
      const { name } = this;
      if (news !== undefined)
        this.#host.emit({ type: "version-state-changed", name, ...news, loadMs: version === loaded ? loadMs : undefined });
    }
    if (changed) this.#host.changed();
    this.#watch.announce();
  }

  #leaveIfEmpty(): void {
    if (this.#versions.size === 0 && this.#pending === 0 && this.#end === undefined) this.#host.emptied();
  }
}
