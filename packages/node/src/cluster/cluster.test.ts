import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { load, send } from "../../test/load.ts";
import { codeOf, type Program, start } from "../../test/program.ts";
import { cluster } from "./cluster.ts";
import type { ClusterEvent, ClusterOptions } from "./options.ts";

const running: Program[] = [];
const folder = mkdtempSync(join(tmpdir(), "predikt-test-"));
const fault = join(folder, "fault");

afterEach(async () => {
  rmSync(fault, { force: true });
  // Their children go with them, which is a test of its own.
  for (const { child, ended } of running.splice(0)) {
    child.kill("SIGKILL");
    await ended;
  }
});

/** Starts the program and waits until its children are ready. */
async function run(options: Partial<ClusterOptions> = {}) {
  const program = begin(options);
  const text = await program.printed(/port \d+[\s\S]*all ready/);
  const seen = () => program.printed("");
  const events = async (): Promise<ClusterEvent[]> =>
    (await seen())
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as ClusterEvent);
  return {
    ...program,
    port: Number(/port (\d+)/.exec(text)?.[1]),
    events,
    pids: async (): Promise<number[]> => (await events()).flatMap((event) => (event.type === "process-started" ? [event.pid] : [])),
    /** Resolves once there have been so many events of a type. */
    async saw(type: ClusterEvent["type"], count = 1): Promise<ClusterEvent> {
      await program.printed(new RegExp(`("${type}"[\\s\\S]*){${count}}`));
      return (await events()).filter((event) => event.type === type).at(count - 1) as ClusterEvent;
    },
  };
}

function begin(options: Partial<ClusterOptions>): Program {
  const program = start("cluster", JSON.stringify(options), fault);
  running.push(program);
  return program;
}

describe("a cluster", () => {
  it("is ready when all its children are, each with its index and its share of the threads", async () => {
    const { port, printed } = await run();
    expect(await printed("")).toMatch(/process-started[\s\S]*process-started[\s\S]*all ready ready,ready/);
    const children = new Set<string>();
    await expect.poll(async () => children.add((await send(port, "/child")).text).size).toBe(2);
    const one = expect.objectContaining({ count: 2, threads: expect.any(Number) });
    expect([...children].map((text) => JSON.parse(text))).toEqual([one, one]);
    expect([...children].map((text) => JSON.parse(text).own).sort()).toEqual(["own 0", "own 1"]);
  });

  it("collects from all children, whichever is asked", async () => {
    const { port } = await run();
    for (let i = 0; i < 9; i++) await send(port, "/");
    const all = JSON.parse((await send(port, "/all")).text) as { index: number; requests: string; bytes: number }[];
    expect(all.map(({ index }) => index)).toEqual([0, 1]);
    expect(all.map(({ requests }) => Number(requests)).reduce((a, b) => a + b)).toBe(10);
  });

  it("replaces a child that is killed: only requests in flight on it fail, and none hangs", async () => {
    const { port, pids, saw } = await run({ restart: { minDelayMs: 1 } });
    const requests = load(port);
    for (let kill = 0; kill < 8; kill++) {
      await requests.more(100);
      process.kill((await pids()).at(-1) as number, "SIGKILL");
      await saw("process-started", 3 + kill);
    }
    await requests.more(100);
    await requests.stop();
    expect(requests.failures.filter((code) => code !== "ECONNRESET")).toEqual([]);
    expect(requests.failures.length).toBeLessThanOrEqual(8 * 16);
    expect(await saw("process-lost")).toMatchObject({ reason: "signal SIGKILL", restartInMs: 1 });
  });

  it("tries again, and later each time, where a new child fails", async () => {
    const { port, pids, saw } = await run({ restart: { minDelayMs: 20, maxDelayMs: 80 } });
    writeFileSync(fault, "");
    process.kill((await pids())[0] as number, "SIGKILL");
    const delays = [1, 2, 3, 4, 5].map(async (count) => (await saw("process-lost", count)) as ClusterEvent & { restartInMs: number });
    const [first, second, , , fifth] = (await Promise.all(delays)).map(({ restartInMs }) => restartInMs);
    expect(first).toBeLessThanOrEqual(20);
    expect(second).toBeGreaterThanOrEqual(20);
    expect(fifth).toBeGreaterThanOrEqual(40);
    expect(fifth).toBeLessThanOrEqual(80);
    // The other one serves meanwhile.
    expect(await send(port, "/")).toMatchObject({ status: 200 });
    rmSync(fault);
    await saw("process-started", 3);
  });

  it("restarts one by one on SIGHUP, and loses no request", async () => {
    const { port, pids, saw, child } = await run();
    const requests = load(port);
    for (let reload = 1; reload <= 3; reload++) {
      await requests.more(200);
      child.kill("SIGHUP");
      await saw("processes-reloaded", reload);
    }
    await requests.more(200);
    await requests.stop();
    expect(requests.failures).toEqual([]);
    expect(new Set(await pids()).size).toBe(8);
    expect(new Set(requests.answers).size).toBeGreaterThan(4);
    expect(await saw("process-closed", 6)).toBeDefined();
  });

  it("keeps the old child where the new one does not start", async () => {
    const { port, pids, saw, child } = await run();
    writeFileSync(fault, "");
    child.kill("SIGHUP");
    expect(await saw("processes-reloaded")).toMatchObject({ failure: "process 0 ended before it was ready: exit code 1" });
    expect(await saw("process-lost")).not.toHaveProperty("restartInMs");
    expect(await pids()).toHaveLength(2);
    expect((await pids()).map(String)).toContain((await send(port, "/")).text);
  });

  it("drains on SIGTERM, and ends by it", async () => {
    const { port, pids, child, ended, saw } = await run();
    const slow = [1, 2, 3, 4].map(() => send(port, "/wait/600"));
    await expect.poll(async () => JSON.parse((await send(port, "/all")).text).length).toBe(2);
    child.kill("SIGTERM");
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await saw("process-closed", 2);
    expect(await ended).toMatchObject({ signal: "SIGTERM", stderr: "" });
    expect((await pids()).filter(isAlive)).toEqual([]);
  });

  it("kills a child that does not drain in time", async () => {
    const { port, child, ended, saw } = await run({ drainTimeoutMs: 300 });
    void send(port, "/block");
    await expect.poll(async () => JSON.parse((await send(port, "/all")).text).length).toBe(1);
    child.kill("SIGINT");
    expect(await saw("process-killed")).toMatchObject({ reason: "it had not drained after 300 ms" });
    await saw("process-closed");
    expect(await ended).toMatchObject({ signal: "SIGINT" });
  });

  it("replaces a child that is told to end, which drains", async () => {
    const { port, pids, saw } = await run({ restart: { minDelayMs: 1 } });
    const requests = load(port);
    await requests.more(50);
    const [first] = await pids();
    process.kill(first as number, "SIGTERM");
    expect(await saw("process-closed")).toMatchObject({ pid: first });
    await saw("process-started", 3);
    await requests.more(50);
    await requests.stop();
    expect(requests.failures).toEqual([]);
  });

  it("leaves no orphan when its parent is killed", async () => {
    const { pids, child, ended } = await run();
    const children = await pids();
    expect(children.filter(isAlive)).toHaveLength(2);
    child.kill("SIGKILL");
    await ended;
    await expect.poll(() => children.filter(isAlive), { timeout: 5000 }).toEqual([]);
  });

  it("gives up where a child fails at the first start", async () => {
    writeFileSync(fault, "");
    const { code, stderr } = await begin({}).ended;
    expect(code).toBe(1);
    expect(stderr).toContain("there is a fault");
    expect(stderr).toMatch(/LifecycleError|NOT_READY/);
  });

  it("gives up on a child that is not ready in time", async () => {
    expect((await begin({ startTimeoutMs: 1 }).ended).stderr).toContain("not ready after 1 ms");
  });

  it("leaves signals alone unless it is asked", async () => {
    const { child, ended } = await run({ handleSignals: false });
    child.kill("SIGHUP");
    expect(await ended).toMatchObject({ signal: "SIGHUP" });
  });
});

it("options are checked", async () => {
  const start = () => ({});
  for (const wrong of [{}, { start, processes: 0 }, { start, restart: { minDelayMs: 0 } }, { start, other: 1 }])
    expect(await codeOf(cluster(wrong as never))).toBe("CONFIG_INVALID");
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
