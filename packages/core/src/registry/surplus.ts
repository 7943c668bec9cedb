import type { Routing } from "./routing.ts";
import type { Version } from "./version.ts";

const leftOut = "left out by the version policy";
const kept = "kept, since version";

/**
 * The versions to take out of service, and why. For each one that is wanted and could not be opened, an old one stays, those that answer most requests
 * first.
 */
export function surplusOf(versions: readonly Version[], wanted: ReadonlySet<Version>, routing: Routing): ReadonlyMap<Version, string> {
  for (const version of versions) {
    if (wanted.has(version) && version.reason.startsWith(kept)) version.reason = "";
    if (!version.settled && !wanted.has(version)) version.reason = leftOut;
  }
  const missing = [...wanted].filter(({ current }) => current === undefined);
  const rank = (version: Version): number => (version === routing.fallback ? 2 : Math.sign(routing.labelsOf(version).length));
  const unwanted = routing.ready.filter((version) => !wanted.has(version)).sort((a, b) => rank(b) - rank(a));
  for (const [i, { version }] of missing.entries()) {
    const instead = unwanted[i];
    if (instead !== undefined) instead.reason = `${kept} "${version}" could not be opened`;
  }
  return new Map(unwanted.slice(missing.length).map((version) => [version, version.gone ? "no longer there" : leftOut]));
}
