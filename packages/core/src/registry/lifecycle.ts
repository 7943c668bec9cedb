import { LifecycleError } from "../errors/index.ts";
import { reasonOf } from "../errors/reason.ts";
import type { AnyPredictor, Clock } from "../types/index.ts";
import { Instance } from "./instance.ts";
import { openVersion } from "./open-version.ts";
import type { Version } from "./version.ts";

/** What opening and closing need of their model. */
export interface LifecycleHost {
  readonly name: string;
  readonly clock: Clock;
  readonly drainTimeoutMs: number;
  /** A version has another state, or the same for another reason. */
  readonly changed: (version: Version, loadMs?: number) => void;
}

/** Opens, swaps and closes single versions, and says when something has changed. */
export class Lifecycle {
  readonly #host: LifecycleHost;
  readonly #drains = new Set<Promise<void>>();

  constructor(host: LifecycleHost) {
    this.#host = host;
  }

  /** Opens a version beside what is open of it, and switches when it is checked. Resolves with why it could not be, and leaves the old one then. */
  async open(version: Version): Promise<{ readonly error: unknown } | undefined> {
    const { name, clock, changed } = this.#host;
    const loading = new AbortController();
    const startedAt = clock.now();
    const { source } = version;
    version.loading = loading;
    version.settled = true;
    if (version.current === undefined) version.reason = "";
    changed(version);
    try {
      const predictor = await openVersion(name, source, loading.signal);
      version.loading = undefined;
      version.reason = "";
      const old = this.#install(version, predictor);
      changed(version, clock.now() - startedAt);
      if (old !== undefined) this.#drain(version, old);
      return undefined;
    } catch (error) {
      version.loading = undefined;
      version.reason = version.current === undefined ? reasonOf(error) : `a load failed, and what was open goes on: ${reasonOf(error)}`;
      changed(version);
      return { error };
    }
  }

  /** Takes a predictor that somebody else opened, and will close. */
  adopt(version: Version, predictor: AnyPredictor): void {
    version.settled = true;
    this.#install(version, predictor);
  }

  /** Ends a load that nobody waits for any more. */
  abort(version: Version): void {
    const text = `model "${this.#host.name}" version "${version.version}": its load was given up, since it is no longer wanted`;
    version.loading?.abort(new LifecycleError("CLOSED", text));
  }

  /** Takes a version out of service. Resolves once it is closed. */
  retire(version: Version, reason: string): Promise<void> {
    const { current } = version;
    version.settled = true;
    version.reason = reason;
    version.current = undefined;
    const drain = current === undefined ? Promise.resolve() : this.#drain(version, current);
    this.#host.changed(version);
    return drain;
  }

  /** Resolves once everything that was taken out of service is closed. */
  async drained(): Promise<void> {
    await Promise.all(this.#drains);
  }

  #install(version: Version, predictor: AnyPredictor): Instance | undefined {
    const old = version.current;
    const { clock, drainTimeoutMs } = this.#host;
    const { owned } = version;
    const { revision } = version.source;
    const instance = new Instance({ predictor, version: version.version, revision, owned, clock, drainTimeoutMs });
    version.current = instance;
    predictor.on("predictor-closed", () => {
      if (version.current !== instance || instance.isRetired) return;
      version.current = undefined;
      version.reason = "its predictor was closed by somebody else";
      this.#host.changed(version);
    });
    return old;
  }

  #drain(version: Version, instance: Instance): Promise<void> {
    version.draining++;
    const drain = instance.retire().then((problem) => {
      version.draining--;
      if (problem !== "") version.reason = problem;
      this.#drains.delete(drain);
      this.#host.changed(version);
    });
    this.#drains.add(drain);
    return drain;
  }
}
