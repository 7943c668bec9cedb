import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endAll, exampleFile, newFolder, runCli, startCli } from "../../../test/cli.ts";
import type { Results } from "./results.ts";

const digits = exampleFile("digits/digits.onnx");
const linear = exampleFile("linear-regression/linear.onnx");
const quick = ["--window-ms", "60", "--warmup-ms", "20", "--max-windows", "3"];
const empty = newFolder();
let url: string;

beforeAll(async () => {
  [url] = await startCli(["serve", digits, "--port", "0", "--log", "off"]).said(/^http:\S+$/m);
});
afterAll(endAll);

async function resultsOf(...args: string[]): Promise<Results> {
  const { code, stdout, stderr } = await runCli(["bench", ...args, ...quick, "--json"], { cwd: empty });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Results;
}

describe("measures", () => {
  it("a file in this process, closed loop, each load with latencies, batch sizes and its own CPU", async () => {
    const results = await resultsOf(digits, "--concurrency", "1,4");
    expect(results).toMatchObject({ load: "concurrency", rowsPerRequest: 1, cpuOf: "client and model" });
    expect(results.levels.map(({ load }) => load)).toEqual([1, 4]);
    for (const { requestsPerSecond, latencyMs, errors, batch, cpuCores, windows } of results.levels) {
      expect(requestsPerSecond).toBeGreaterThan(0);
      expect(latencyMs?.p50).toBeLessThanOrEqual(latencyMs?.p99 as number);
      expect(errors).toEqual({});
      expect(batch).toBeGreaterThanOrEqual(1);
      expect(cpuCores).toBeGreaterThan(0);
      expect(windows).toBe(3);
    }
    expect(results.levels[1]?.batch).toBeGreaterThan(1);
  });

  it.each([
    ["the typed route", () => [url], "typed route, JSON", 1],
    ["its /batch route", () => [`${url}/predict/digits`, "--rows", "4"], "typed route, JSON", 4],
    ["OIP in JSON", () => [`${url}/v2/models/digits`], "OIP v2, JSON", 1],
    ["OIP in bytes", () => [`${url}/v2/models/digits`, "--binary", "--rows", "3"], "OIP v2, binary", 3],
  ])("a server: %s", async (_what, args, protocol, rows) => {
    const results = await resultsOf(...args(), "--concurrency", "2");
    expect(results).toMatchObject({ protocol, rowsPerRequest: rows, cpuOf: "client" });
    const [level] = results.levels;
    expect(level).toMatchObject({ errors: {}, batch: expect.any(Number) });
    expect(level?.rowsPerSecond).toBeCloseTo((level?.requestsPerSecond as number) * rows);
  });

  it("open loop: about as many answers as were asked for", async () => {
    const { load, distribution, levels } = await resultsOf(url, "--rate", "100", "--distribution", "poisson");
    expect({ load, distribution }).toEqual({ load: "rate", distribution: "poisson" });
    expect(levels[0]?.requestsPerSecond).toBeGreaterThan(30);
    expect(levels[0]?.requestsPerSecond).toBeLessThan(300);
  });

  it("prints a table, plain lines meanwhile, and writes a page", async () => {
    const { code, stdout, stderr } = await runCli(["bench", linear, ...quick, "--input", '{"x": [[1]]}', "--html", "out.html"], {
      cwd: empty,
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/callers +req\/s +p50 ms +p90 ms +p99 ms +max ms +batch +cpu\n +1 +[\d,.]+/);
    expect(stderr).toBe("concurrency 1\ncharts: out.html\n");
    expect(readFileSync(join(empty, "out.html"), "utf8")).toContain("<svg");
  });
});

describe("what cannot be measured", () => {
  it.each<[string, () => string[], number, RegExp]>([
    ["a rate and a concurrency", () => [linear, "--rate", "1", "--concurrency", "1"], 2, /cannot be used with option/],
    ["steps that are none", () => [linear, "--concurrency", "8:1"], 2, /Expected numbers such as 4/],
    ["half a caller", () => [linear, "--concurrency", "1,2.5"], 2, /--concurrency: expected whole numbers of callers, got 2\.5/],
    ["an input that the model refuses", () => [linear, "--input", '{"x": "a"}'], 1, /INPUT_/],
    ["a server's option with a file", () => [linear, "--model", "m"], 2, /--model is for a server/],
    ["rows of an input that has its own", () => [linear, "--input", '{"x": [[1]]}', "--rows", "2"], 2, /leave --rows or --input out/],
    ["an input that is none", () => [linear, "--input", "none.json"], 2, /--input: ENOENT/],
    ["a model that the server has not", () => [`${url}/v2/models/cats`], 1, /answered 404: model "cats": not served here/],
    ["bytes on the typed route", () => [`${url}/predict/digits`, "--binary"], 2, /--binary: needs --protocol oip/],
    [
      "a page where none can be written",
      () => [linear, ...quick, "--html", "no/such/folder.html"],
      1,
      /--html: .* cannot be written: ENOENT/,
    ],
  ])("%s", async (_what, args, code, stderr) => {
    expect(await runCli(["bench", ...args()], { cwd: empty })).toEqual({ code, stdout: "", stderr: expect.stringMatching(stderr) });
    expect(existsSync(join(empty, "no"))).toBe(false);
  });

  it("leaves the page of the last time as it was", async () => {
    writeFileSync(join(empty, "old.html"), "old");
    expect((await runCli(["bench", "none.onnx", "--html", "old.html"], { cwd: empty })).code).toBe(1);
    expect(readFileSync(join(empty, "old.html"), "utf8")).toBe("old");
  });

  it("a server that answers the first request only: errors by status, and 1", async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      response.writeHead(asked++ === 0 ? 200 : 503, { "content-type": "application/json" }).end('{"error": "enough"}');
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const args = ["bench", `http://127.0.0.1:${port}/predict/m`, "--input", "[1]", ...quick];
    const { code, stdout } = await runCli(args, { cwd: empty });
    server.close();
    server.closeAllConnections();
    expect(code).toBe(1);
    expect(stdout).toMatch(/ 0\.00 +– +– .* \d+ × HTTP 503/);
  });
});
