import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { cpuQuota } from "./cpu-quota.ts";

/** A file system with these files, by path below its root. */
function root(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "predikt-cgroup-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

it("is undefined where there are no cgroups, or none sets a quota", () => {
  expect(cpuQuota(root({}))).toBeUndefined();
  expect(cpuQuota(root({ "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n" }))).toBeUndefined();
  const unlimited = { "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n" };
  expect(cpuQuota(root({ "proc/self/cgroup": "3:cpu,cpuacct:/\n", ...unlimited }))).toBeUndefined();
});

it("is that of the process's own group, in whole cores and at least one", () => {
  const v2 = (limit: string): string => root({ "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": `${limit}\n` });
  expect(cpuQuota(v2("400000 100000"))).toBe(4);
  expect(cpuQuota(v2("250000 100000"))).toBe(2);
  expect(cpuQuota(v2("50000 100000"))).toBe(1);
});

it("is the least of the group's and those above it, without a namespace (version 2)", () => {
  const files = {
    "proc/self/cgroup": "0::/app.slice/web.service/worker\n",
    "sys/fs/cgroup/app.slice/cpu.max": "300000 100000\n",
    "sys/fs/cgroup/app.slice/web.service/cpu.max": "600000 100000\n",
    "sys/fs/cgroup/app.slice/web.service/worker/cpu.max": "max 100000\n",
  };
  expect(cpuQuota(root(files))).toBe(3);
});

it("is found in version 1, and where both versions are mounted", () => {
  const files = {
    "proc/self/cgroup": "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/docker/abc\n",
    "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "500000\n",
    "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
  };
  expect(cpuQuota(root(files))).toBe(5);
  expect(cpuQuota(root({ ...files, "sys/fs/cgroup/unified/docker/cpu.max": "200000 100000\n" }))).toBe(2);
});

it("is found at the root where a container's group is mounted there, whatever path the process sees", () => {
  expect(cpuQuota(root({ "proc/self/cgroup": "0::/docker/abc\n", "sys/fs/cgroup/cpu.max": "200000 100000\n" }))).toBe(2);
  expect(cpuQuota(root({ "proc/self/cgroup": "0::/../../other\n", "sys/fs/cgroup/cpu.max": "200000 100000\n" }))).toBe(2);
});
