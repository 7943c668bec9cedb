import type { VersionPolicy } from "./types.ts";

/** Opens the `count` latest versions. At least 1. */
export function latest(count: number): VersionPolicy {
  return { latest: count };
}

/** Opens these versions, where they are there. */
export function specific(versions: readonly string[]): VersionPolicy {
  return { specific: versions };
}

/** Versions from the oldest to the latest: by number where all are whole numbers, else as they were given. */
export function inOrder(versions: readonly string[]): string[] {
  return versions.every((version) => /^\d+$/.test(version)) ? [...versions].sort(byNumber) : [...versions];
}

/** The versions that a policy asks for, of those in order. */
export function chosenBy(policy: VersionPolicy, ordered: readonly string[]): ReadonlySet<string> {
  if (policy === "all") return new Set(ordered);
  return new Set("latest" in policy ? ordered.slice(-policy.latest) : ordered.filter((version) => policy.specific.includes(version)));
}

/** Whole numbers of any length: a time in nanoseconds is a version too. */
function byNumber(a: string, b: string): number {
  const [x, y] = [BigInt(a), BigInt(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
