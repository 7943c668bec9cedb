import { chosenBy, inOrder } from "./policy.ts";
import type { ModelConfig, VersionPolicy, VersionSource } from "./types.ts";
import type { Version } from "./version.ts";
import type { Target } from "./watch.ts";

/** What labels, traffic and shadow name beside the policy. */
export interface Names {
  readonly labels: ReadonlyMap<string, string>;
  readonly targets: readonly Target[];
}

/** Which versions of a model shall be open, and what a config changes. */
export class Plan {
  #policy: VersionPolicy = { latest: 1 };
  /** The parts of the config as they were given last. */
  readonly #given = new Map<string, string>();

  set policy(policy: VersionPolicy) {
    this.#policy = policy;
  }

  /** Those that the policy chooses, that are named, or that were loaded by name; of versions from the oldest to the latest. */
  wanted(ordered: readonly Version[], { labels, targets }: Names): Version[] {
    const usable = ordered.filter(({ gone, unloaded }) => !gone && !unloaded);
    const chosen = chosenBy(
      this.#policy,
      usable.map(({ version }) => version),
    );
    const named = new Set([...labels.values(), ...targets.map(({ label, version }) => version ?? labels.get(label as string))]);
    return usable.filter(({ version, pinned }) => chosen.has(version) || named.has(version) || pinned);
  }

  /** Those of which a load under way is of no use, given what there is now. One too many costs a load more, nothing else. */
  outdated(versions: Iterable<Version>, sources: readonly VersionSource[], config: ModelConfig, { labels, targets }: Names): Version[] {
    const next = new Map(sources.map((source) => [source.version, source]));
    const chosen = chosenBy(config.policy ?? this.#policy, inOrder([...next.keys()]));
    const shares = [...targets, ...(config.traffic?.split ?? []), config.shadow ?? {}];
    const named = new Set([...labels.values(), ...Object.values(config.labels ?? {}), ...shares.map(({ version }) => version)]);
    return [...versions].filter(({ version, source, pinned }) => {
      const given = next.get(version);
      return given === undefined || given.revision !== source.revision || !(chosen.has(version) || named.has(version) || pinned);
    });
  }

  /** A config without the parts that are as they were given last. Functions are not compared. */
  changesOf({ policy, ...parts }: ModelConfig): ModelConfig {
    const changed = Object.entries(parts).filter(([key, part]) => {
      const text = JSON.stringify(part);
      if (part === undefined || this.#given.get(key) === text) return false;
      this.#given.set(key, text);
      return true;
    });
    return { policy, ...Object.fromEntries(changed) };
  }
}
