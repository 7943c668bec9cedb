import type { Clock, Lease } from "../types/index.ts";
import { CallWindow } from "./call-window.ts";
import type { Gate, RegistryEvent, RolledBack, ShareInForce } from "./events.ts";
import type { Instance } from "./instance.ts";
import type { TrafficReport, VersionTraffic } from "./report.ts";
import { type ShadowHost, ShadowQueue, type Ticket } from "./shadow-queue.ts";
import { Split } from "./split.ts";
import type { Rollback, Shadow, Traffic, TrafficShare } from "./types.ts";
import { Watched, type Watcher } from "./watched.ts";

/** What a share or a shadow names. */
export interface Target {
  readonly label?: string | undefined;
  readonly version?: string | undefined;
}

/** What watching needs of its model. */
export interface WatchHost {
  readonly name: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** What a target names, where it is READY. */
  readonly find: (target: Target) => Instance | undefined;
  /** What answers by default. */
  readonly fallback: () => Instance | undefined;
  readonly ready: () => readonly Instance[];
  readonly emit: (event: RegistryEvent) => void;
}

/** What is watched, and how requests are divided. `null` is without. */
export interface WatchConfig {
  readonly traffic?: Traffic | null | undefined;
  readonly shadow?: Shadow | null | undefined;
  readonly rollback?: Rollback | null | undefined;
}

interface Leases {
  readonly mirrored: Lease;
  readonly counted: Lease;
}

/** Divides a model's requests, counts and times its versions' calls, and takes traffic away from a version that fails its gates. */
export class Watch implements Watcher {
  readonly clock: Clock;
  readonly #host: WatchHost;
  readonly #leases = new WeakMap<Instance, Leases>();
  #windows = new WeakMap<Instance, CallWindow>();
  #split: Split | undefined;
  #shadow: ShadowQueue | undefined;
  #shadowTarget: Target | undefined;
  #rollback: Rollback | undefined;
  #rollbacks: RolledBack[] = [];
  /** What lost its traffic. Another version under the same label, or the same one opened anew, has not. */
  #stopped = new WeakSet<Instance>();
  #inFlight = 0;
  #told = "[]";

  constructor(host: WatchHost) {
    this.#host = host;
    this.clock = host.clock;
  }

  /** Whether there is anything to watch; else requests need not pass here. */
  get isOn(): boolean {
    return this.#split !== undefined || this.#shadow !== undefined || this.#rollback !== undefined;
  }

  /** What must be open for it. */
  get targets(): readonly Target[] {
    const shares: readonly Target[] = this.#split?.shares ?? [];
    return this.#shadowTarget === undefined ? shares : [...shares, this.#shadowTarget];
  }

  /** Takes what is given, and leaves what is undefined. */
  configure({ traffic, shadow, rollback }: WatchConfig): void {
    if (shadow !== undefined) {
      this.#shadow?.stop();
      this.#shadow = shadow === null ? undefined : new ShadowQueue(shadow, this.#shadowHost(shadow));
      this.#shadowTarget = shadow ?? undefined;
    }
    if (rollback !== undefined) this.#rollback = rollback ?? undefined;
    if (traffic !== undefined) {
      this.#split = traffic === null ? undefined : new Split(traffic, this.#host.name);
      this.#rollbacks = [];
      this.#stopped = new WeakSet();
    }
    if (traffic !== undefined || rollback !== undefined) this.#windows = new WeakMap();
  }

  /** Tells of the split where another one is in force than was told. */
  announce(): void {
    const split = this.#inForce();
    const text = JSON.stringify(split);
    if (text === this.#told) return;
    this.#told = text;
    this.#host.emit({ type: "traffic-changed", name: this.#host.name, split });
  }

  /** The version for a request that asks for none. */
  choose(routingKey: string | undefined): Instance | undefined {
    const split = this.#split;
    if (split === undefined) return this.#host.fallback();
    const share = split.choose(routingKey, this.#host.random);
    return this.#host.find(this.#isOff(split, share) ? split.champion : share) ?? this.#host.fallback();
  }

  /** A lease whose calls are counted; the shadow sees them where nobody asked for that very version. */
  lease(instance: Instance, asked: boolean): Lease {
    let leases = this.#leases.get(instance);
    if (leases === undefined) {
      const leaseOf = (mirrored: boolean): Lease => instance.leaseOf(new Watched(instance, this, mirrored));
      leases = { mirrored: leaseOf(true), counted: leaseOf(false) };
      this.#leases.set(instance, leases);
    }
    return instance.take(asked ? leases.counted : leases.mirrored);
  }

  started(): void {
    this.#inFlight++;
  }

  ended(): void {
    this.#inFlight--;
    this.#shadow?.pump();
  }

  settled(instance: Instance, took: number | undefined): void {
    if (took === undefined) return;
    const calls = this.#windowOf(instance);
    calls.add(this.clock.now(), took);
    if (this.#rollback !== undefined) this.#judge(instance, calls, this.#rollback);
  }

  admit(instance: Instance): Ticket | undefined {
    return this.#shadow?.admit(instance);
  }

  /** Drops what the shadow has not seen yet. */
  stop(): void {
    this.#shadow?.stop();
  }

  report(): TrafficReport | undefined {
    if (!this.isOn) return undefined;
    const split = this.#inForce();
    const versions = this.#host.ready().map((instance): VersionTraffic => {
      const calls = this.#windowOf(instance);
      const { requests, errors } = calls;
      const weight = this.#weightOf(instance.version, split);
      return { version: instance.version, weight, requests, errors, p50Ms: calls.percentile(0.5), p95Ms: calls.percentile(0.95) };
    });
    return { name: this.#host.name, split, versions, shadow: this.#shadow?.report(), rollbacks: [...this.#rollbacks] };
  }

  #inForce(): readonly ShareInForce[] {
    const split = this.#split;
    if (split === undefined) return [];
    return split.inForce(
      (share) => this.#host.find(share)?.version,
      (share) => this.#isOff(split, share),
    );
  }

  #isOff(split: Split, share: TrafficShare): boolean {
    const instance = share === split.champion ? undefined : this.#host.find(share);
    return instance !== undefined && this.#stopped.has(instance);
  }

  #weightOf(version: string, split: readonly ShareInForce[]): number {
    const fallback = this.#host.fallback()?.version;
    if (split.length === 0) return version === fallback ? 1 : 0;
    return split.reduce((sum, share) => ((share.version ?? fallback) === version ? sum + share.weight : sum), 0);
  }

  #windowOf(instance: Instance): CallWindow {
    let calls = this.#windows.get(instance);
    if (calls === undefined) {
      const { windowMs = 60_000, p95Ms: slowMs = Infinity } = this.#rollback ?? {};
      calls = new CallWindow({ windowMs, slowMs });
      this.#windows.set(instance, calls);
    }
    return calls;
  }

  #judge(instance: Instance, calls: CallWindow, { errorRate = Infinity, p95Ms, minimumRequests = 50 }: Rollback): void {
    if (calls.recent < minimumRequests) return;
    if (calls.errorRate > errorRate) this.#rollBack(instance, calls, "error-rate", errorRate);
    else if (p95Ms !== undefined && calls.isSlow) this.#rollBack(instance, calls, "p95", p95Ms);
  }

  #rollBack(instance: Instance, calls: CallWindow, gate: Gate, limit: number): void {
    const split = this.#split;
    const { find, fallback, name, emit } = this.#host;
    if (split === undefined) return;
    const champion = find(split.champion) ?? fallback();
    const hasTraffic = split.shares.some((share) => share !== split.champion && share.weight > 0 && find(share) === instance);
    if (!hasTraffic || champion === undefined || champion === instance || this.#stopped.has(instance)) return;
    this.#stopped.add(instance);
    // A champion may be past the gate at each call: only here is it worth sorting.
    const value = gate === "p95" ? (calls.percentile(0.95, true) as number) : calls.errorRate;
    const { version: from } = instance;
    const { version: to } = champion;
    const said =
      gate === "p95" ? `95 % of its calls took up to ${value.toFixed(1)} ms` : `${(value * 100).toFixed(1)} % of its calls failed`;
    const limits = gate === "p95" ? `${limit} ms` : `${limit * 100} %`;
    const rolledBack = {
      from,
      to,
      gate,
      value,
      limit,
      reason: `version "${from}" lost its traffic to "${to}": ${said}, more than ${limits}`,
    };
    this.#rollbacks = [...this.#rollbacks, rolledBack].slice(-100);
    emit({ type: "rolled-back", name, ...rolledBack });
    this.announce();
  }

  #shadowHost(shadow: Shadow): ShadowHost {
    const { name, clock, random, find, emit } = this.#host;
    return { name, clock, random, emit, target: () => find(shadow), inFlight: () => this.#inFlight };
  }
}
