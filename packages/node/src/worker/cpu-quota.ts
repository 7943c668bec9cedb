import { readFileSync } from "node:fs";
import { join, posix } from "node:path";

/**
 * Whole cores that cgroups let this process use, at least 1; undefined where they set no quota. Versions 2 and 1. A quota of any group above the
 * process's own counts too, and a process without a cgroup namespace of its own sees itself far below the root.
 *
 * @param root The file system's root. Default: `"/"`.
 */
export function cpuQuota(root = "/"): number | undefined {
  const quotas: number[] = [];
  for (const { folders, cores, path } of hierarchies(root)) {
    for (let group = path; ; group = posix.dirname(group)) {
      for (const folder of folders) quotas.push(cores(join(root, "sys/fs/cgroup", folder, group)));
      if (group === "/" || group === ".") break;
    }
  }
  const least = Math.min(...quotas.filter((cores) => Number.isFinite(cores) && cores > 0));
  return Number.isFinite(least) ? Math.max(1, Math.floor(least)) : undefined;
}

interface Hierarchy {
  /** Where it may be mounted, below /sys/fs/cgroup. */
  readonly folders: readonly string[];
  /** Cores of one group, NaN where it sets none. */
  cores(folder: string): number;
  /** The process's group. */
  readonly path: string;
}

/** The hierarchies that govern this process's CPU. /proc/self/cgroup has lines like `0::/a/b` (version 2) and `4:cpu,cpuacct:/a/b` (version 1). */
function hierarchies(root: string): Hierarchy[] {
  const lines = read(join(root, "proc/self/cgroup"))?.split("\n") ?? [];
  return lines.flatMap((line): Hierarchy[] => {
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    // Docker mounts a container's group as the root, below which its path is not to be found; ".." is how a namespace shows what lies above it.
    const own = posix.normalize(path.replaceAll("/..", "/"));
    if (line.startsWith("0::")) return [{ folders: ["", "unified"], cores: version2, path: own }];
    if (controllers.split(",").includes("cpu")) return [{ folders: ["cpu", "cpu,cpuacct"], cores: version1, path: own }];
    return [];
  });
}

function version2(folder: string): number {
  const [limit, period] = read(join(folder, "cpu.max"))?.split(" ") ?? [];
  return Number(limit) / Number(period);
}

function version1(folder: string): number {
  return Number(read(join(folder, "cpu.cfs_quota_us"))) / Number(read(join(folder, "cpu.cfs_period_us")));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
