import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { post } from "../../test-support/http.ts";
import { Fleet } from "./fleet.ts";

const hasNginx = spawnSync("nginx", ["-v"]).status === 0;
const requests = 2000;

describe.skipIf(!hasNginx)("nginx before two processes (needs it: scripts/tools)", () => {
  let folder = "";
  let fleet: Fleet | undefined;
  afterEach(async () => {
    await fleet?.close();
    rmSync(folder, { recursive: true });
  });

  it(`a rolling restart under load fails none of ${requests} requests`, async () => {
    folder = mkdtempSync(join(tmpdir(), "predikt-nginx-"));
    const [front, ...ports] = (await Promise.all([freePort(), freePort(), freePort()])) as [number, number, number];
    const config = join(folder, "nginx.conf");
    const text = readFileSync(new URL("../nginx.conf", import.meta.url), "utf8");
    writeFileSync(
      config,
      text
        .replace("stderr error", "stderr crit")
        .replace(":8080", `:${front}`)
        .replace(":3001", `:${ports[0]}`)
        .replace(":3002", `:${ports[1]}`),
    );
    fleet = await Fleet.start(ports, config, folder);
    const before = fleet.pids;
    const url = `http://127.0.0.1:${front}/api/predict`;
    await expect
      .poll(() =>
        post(url, { x: 1 }).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);

    const statuses: number[] = [];
    let restarting: Promise<void> | undefined;
    let restarted = false;
    const client = async (): Promise<void> => {
      // As many as were promised, and until the restart is over.
      while (statuses.length < requests || !restarted) {
        const { status, json } = await post(url, { x: 3 });
        statuses.push(status);
        expect(json).toEqual({ y: expect.closeTo(6, 2) });
        if (statuses.length === requests / 4) {
          restarting = fleet?.restart().then(() => {
            restarted = true;
          });
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
    await restarting;
    expect(statuses.length).toBeGreaterThanOrEqual(requests);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(fleet.pids.some((pid) => before.includes(pid))).toBe(false);
  }, 120_000);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
