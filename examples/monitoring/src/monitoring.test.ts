import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { hasCurl, paste } from "../../test-support/curl.ts";
import { post, seven } from "../../test-support/http.ts";
import { endAll, startScript } from "../../test-support/program.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const has = (program: string): boolean => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
const hasPrometheus = has("prometheus") && has("promtool");
const lines = (program: string): string[] => read("README.md").match(new RegExp(`^${program} .*$`, "gm")) ?? [];

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}
const { panels } = JSON.parse(read("dashboard.json")) as { panels: readonly Panel[] };
/** The dashboard's questions, its variables filled in as Grafana does. */
const questions = panels.flatMap(({ targets = [] }) =>
  targets.map(({ expr }) => expr.replaceAll(/\$(model|version)\b/g, ".*").replaceAll("$__rate_interval", "1m")),
);
/** Metrics of ours that rules and dashboard name. */
const named = new Set([read("alerts.yml"), ...questions].join("\n").match(/\bpredikt_\w+/g));

afterEach(endAll);

it("the dashboard's panels lie side by side, and none without a question", () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const taken = new Set<string>();
  for (const { title, gridPos, targets } of panels) {
    if (gridPos.w < 24) expect(targets?.length, title).toBeGreaterThan(0);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.has(`${x} ${y}`), title).toBe(false);
        taken.add(`${x} ${y}`);
      }
    }
  }
});

it("every alert is tested to be raised and not to be", () => {
  const tests = read("alerts.test.yml");
  const names = (pattern: RegExp): Set<string | undefined> => new Set([...tests.matchAll(pattern)].map(([, name]) => name));
  const all = new Set([...read("alerts.yml").matchAll(/alert: (\w+)/g)].map(([, name]) => name));
  expect(names(/alertname: (\w+)\n +exp_alerts:/g)).toEqual(all);
  expect(names(/alertname: (\w+) \}/g)).toEqual(all);
});

it("every metric that the rules and the dashboard name is one that the server has", async () => {
  const server = startScript("monitoring", "start");
  const [, origin] = await server.said(/(http:\/\/127\.0\.0\.1:\d+)/);
  const text = await (await fetch(`${origin}/api/metrics`)).text();
  const known = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
  expect(named.size).toBeGreaterThan(15);
  expect([...named].filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, "")))).toEqual([]);
});

describe.skipIf(!hasPrometheus)("with Prometheus (needs prometheus and promtool: scripts/tools)", () => {
  it.each(lines("promtool"))("%s", async (line) => {
    const { stdout } = await promisify(execFile)("sh", ["-c", line], { cwd: folder });
    expect(stdout).toContain("SUCCESS");
    expect(stdout).not.toContain("FAILED");
  });

  it("the rules' tests would notice a rule that is wrong", async () => {
    const copy = mkdtempSync(join(tmpdir(), "predikt-rules-"));
    const rules = read("alerts.yml");
    const names = [...rules.matchAll(/alert: (\w+)/g)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(8);
    writeFileSync(join(copy, "alerts.test.yml"), read("alerts.test.yml"));
    for (const name of names) {
      // A rule of another name is one that never fires.
      writeFileSync(join(copy, "alerts.yml"), rules.replace(`alert: ${name}\n`, "alert: Another\n"));
      const { status } = spawnSync("promtool", ["test", "rules", "alerts.test.yml"], { cwd: copy, stdio: "ignore" });
      expect(status, name).not.toBe(0);
    }
    rmSync(copy, { recursive: true });
  });

  it("the server, read by Prometheus: what was asked is there, the rules are loaded, and every question of the dashboard has an answer", async () => {
    const server = startScript("monitoring", "start");
    const [, origin = ""] = await server.said(/(http:\/\/127\.0\.0\.1:\d+)/);
    const prometheus = await startPrometheus(new URL(origin).host);
    try {
      await Promise.all(Array.from({ length: 20 }, () => post(`${origin}/api/predict/digits`, seven)));
      expect((await post(`${origin}/api/predict`, { x: "one" })).status).toBe(400);

      const sum = (query: string): Promise<number> =>
        prometheus.query(query).then((found) => found.reduce((total, { value }) => total + Number(value[1]), 0));
      await expect.poll(() => sum('predikt_requests_total{outcome="succeeded"}'), { timeout: 30_000 }).toBe(20);
      expect(await sum('predikt_requests_total{model="linear", outcome="invalid"}')).toBe(1);
      expect(await sum('predikt_batch_rows_sum{model="digits"}')).toBe(20);
      expect(await sum('predikt_model_label{model="digits", label="stable"}')).toBe(1);
      expect(await sum("up")).toBe(1);
      // Recorded rules among them, which are judged, therefore. What nobody has turned away, given up, cached or divided has no answer.
      const unanswered = async (): Promise<string[]> => {
        // Rates are of what comes between two scrapes.
        await post(`${origin}/api/predict/digits`, seven);
        const answers = await Promise.all(questions.map((query) => prometheus.query(query)));
        return questions.filter((query, i) => answers[i]?.length === 0 && !/http_rejected|cancelled|cache|traffic_weight/.test(query));
      };
      await expect.poll(unanswered, { timeout: 30_000 }).toEqual([]);

      if (hasCurl) {
        const [line, series, rules] = await Promise.all(
          lines("curl").map((line) =>
            paste(line.replace("http://127.0.0.1:3000", origin).replace("http://127.0.0.1:9090", prometheus.origin)),
          ),
        );
        expect(line).toEqual({ y: expect.closeTo(6, 2) });
        expect(series).toMatchObject({ status: "success" });
        const { groups } = (rules as { data: { groups: { name: string; rules: { health: string; name: string }[] }[] } }).data;
        expect(groups.map(({ name }) => name)).toEqual(["predikt", "predikt-recorded"]);
        expect(groups.flatMap((group) => group.rules.filter(({ health }) => health === "err").map(({ name }) => name))).toEqual([]);
      }
    } finally {
      await prometheus.end();
    }
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe("SIGTERM");
    expect(server.stderr()).toBe("");
  });
});

interface Sample {
  readonly value: readonly [number, string];
}

/** Starts Prometheus by the README's line, on another port, reading another server, every half a second. */
async function startPrometheus(target: string) {
  const data = mkdtempSync(join(tmpdir(), "predikt-prometheus-"));
  const config = read("prometheus.yml")
    .replace("127.0.0.1:3000", target)
    .replaceAll(/_interval: 5s/g, "_interval: 500ms");
  writeFileSync(join(data, "prometheus.yml"), config.replaceAll("alerts.yml", join(folder, "alerts.yml")));
  const port = await freePort();
  const [line = ""] = lines("prometheus");
  const args = line
    .replace("=prometheus.yml", `=${data}/prometheus.yml`)
    .replace("=.cache/prometheus", `=${data}/data`)
    .replace(":9090", `:${port}`)
    .split(" ")
    .slice(1);
  const child = spawn("prometheus", args, { cwd: folder, stdio: "ignore" });
  const origin = `http://127.0.0.1:${port}`;
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const isReady = (): Promise<boolean> =>
    fetch(`${origin}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isReady, { timeout: 60_000 }).toBe(true);
  return {
    origin,
    /** @throws Error where Prometheus does not understand it */
    async query(query: string): Promise<readonly Sample[]> {
      const reply = await fetch(`${origin}/api/v1/query?${new URLSearchParams({ query })}`);
      const body = (await reply.json()) as { status: string; error?: string; data: { result: readonly Sample[] } };
      if (body.status !== "success") throw new Error(`${query}: ${body.error}`);
      return body.data.result;
    },
    async end(): Promise<void> {
      child.kill("SIGTERM");
      await ended;
      rmSync(data, { recursive: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
