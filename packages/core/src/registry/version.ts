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
  /** What was told last of its state and reason. */
  told = "";

  constructor(source: VersionSource) {
    this.version = source.version;
    this.source = source;
  }

  get state(): VersionState {
    if (this.current !== undefined) return "READY";
    if (this.loading !== undefined) return "LOADING";
    if (this.draining > 0) return "UNLOADING";
    return this.settled ? "UNAVAILABLE" : "UNKNOWN";
  }
}
