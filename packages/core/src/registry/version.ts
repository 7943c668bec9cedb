import type { VersionState } from "./events.ts";
import type { Instance } from "./instance.ts";
import type { VersionSource } from "./types.ts";

/** One version of a model: how it is opened, what is open of it, and what is wanted of it. */
export class Version {
  readonly version: string;
  source: VersionSource;
  /** What answers. */
  current: Instance | undefined;
  /** A load under way. */
  loading: AbortController | undefined;
  /** Instances that finish their work. */
  draining = 0;
  /** Why it is as it is. */
  reason = "";
  /** Whether a load or an unload was ever asked of it. */
  settled = false;
  /** Taken out of service until it is loaded again. */
  unloaded = false;
  /** Loaded by name: stays until it is unloaded, whatever the policy says. */
  pinned = false;
  /** No longer among those that there are. */
  gone = false;

  /** State and reason as they were told last. */
  #told = "UNKNOWN: ";
  /** Whether the registry closes what `open` gives. */
  owned: boolean;

  constructor(source: VersionSource, owned: boolean) {
    this.owned = owned;
    this.version = source.version;
    this.source = source;
  }

  /** Whether what is open is not what there is. */
  get isOutdated(): boolean {
    return this.current === undefined || this.current.revision !== this.source.revision;
  }

  /** Whether nothing is left of it. */
  get isOver(): boolean {
    return this.gone && this.current === undefined && this.loading === undefined && this.draining === 0;
  }

  get state(): VersionState {
    if (this.current !== undefined) return "READY";
    if (this.loading !== undefined) return "LOADING";
    if (this.draining > 0) return "UNLOADING";
    return this.settled ? "UNAVAILABLE" : "UNKNOWN";
  }

  /** Its state and why, where that is not what was told last. */
  news(): { readonly version: string; readonly state: VersionState; readonly reason: string } | undefined {
    const { version, state, reason } = this;
    const text = `${state}: ${reason}`;
    if (text === this.#told) return undefined;
    this.#told = text;
    return { version, state, reason };
  }
}
