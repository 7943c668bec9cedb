import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { graph, model, node, value, writeModel } from "@predikt/core/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endAll, exampleFile, newFolder, runCli, startCli } from "../../../test/cli.ts";
import { changeAnswer, type Fault, faultyProxy } from "../../../test/faults.ts";
import type { Report } from "./report-text.ts";
import { suite } from "./suite.ts";

const folder = newFolder();
let url: string;

/** x float32 and n int32 [batch, 4] → their sum, and x again, so that order and names can be wrong. */
function twoByTwo(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("Cast", ["n"], ["float"], { to: 1 }), node("Add", ["x", "float"], ["sum"]), node("Identity", ["x"], ["same"])],
        inputs: [value("x", "float32", ["batch", 4]), value("n", "int32", ["batch", 4])],
        outputs: [value("sum", "float32", ["batch", 4]), value("same", "float32", ["batch", 4])],
      }),
    ),
  );
}

beforeAll(async () => {
  writeFileSync(join(folder, "two.onnx"), twoByTwo());
  [url] = await startCli(["serve", "two.onnx", "--port", "0", "--log", "off"], { cwd: folder }).said(/^http:\S+$/m);
});
afterAll(endAll);

async function reportOf(target: string, ...args: string[]): Promise<{ code: unknown; report: Report; failed: string[] }> {
  const { code, stdout, stderr } = await runCli(["conformance", target, "--json", ...args]);
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as Report;
  const failed = report.checks.filter(({ outcome }) => outcome === "failed" || outcome === "warned").map(({ id }) => id);
  return { code, report, failed };
}

describe("our own server", () => {
  it("passes every check, with a model of two inputs and outputs", async () => {
    const { code, report, failed } = await reportOf(url, "--strict");
    expect({ code, failed, model: report.model }).toEqual({ code: 0, failed: [], model: "two" });
    expect(report.checks.map(({ id }) => id)).toEqual(suite.map(({ id }) => id));
    // A raw body is for models of one input.
    expect(report.checks.filter(({ outcome }) => outcome === "skipped").map(({ id }) => id)).toEqual(["binary.raw"]);
  });

  it("passes with a real model, asked by its address", async () => {
    const digits = startCli(["serve", exampleFile("digits/digits.onnx"), "--port", "0", "--log", "off"]);
    const [own] = await digits.said(/^http:\S+$/m);
    const { code, failed, report } = await reportOf(`${own}/v2/models/digits/versions/1`, "--strict");
    digits.child.kill();
    expect({ code, failed }).toEqual({ code: 0, failed: [] });
    expect(report.checks.find(({ id }) => id === "binary.raw")).toMatchObject({ outcome: "passed" });
  });
});

const mistakes = (exchange: Parameters<Fault>[0]): boolean => exchange.path.endsWith("/infer") && exchange.reply.status === 400;

describe("planted faults", () => {
  it.each<[string, Fault, string[]]>([
    ["ids are lost", (exchange) => changeAnswer(exchange, ({ id: _, ...answer }) => answer), ["infer.id"]],
    [
      "a client's mistake is a 500",
      (exchange) => {
        if (mistakes(exchange)) exchange.reply.status = 500;
      },
      expect.arrayContaining(["binary.too-few", "errors.malformed", "errors.wrong-shape", "errors.unknown-output"]),
    ],
    [
      "errors are text",
      (exchange) => {
        if (mistakes(exchange)) exchange.reply.body = Buffer.from("that was wrong");
      },
      expect.arrayContaining(["errors.malformed", "errors.data-count"]),
    ],
    [
      "the header says two bytes too many",
      ({ reply: { headers } }) => {
        const length = headers["inference-header-content-length"];
        if (length !== undefined) headers["inference-header-content-length"] = String(Number(length) + 2);
      },
      ["binary.output", "binary.one-output"],
    ],
    [
      "requested outputs are ignored",
      async (exchange) => {
        const { path, request } = exchange;
        if (!path.endsWith("/infer") || request.headers["inference-header-content-length"] !== undefined || exchange.reply.status !== 200)
          return;
        const { outputs: _, ...rest } = JSON.parse(request.body.toString()) as { outputs?: unknown };
        const reply = await fetch(url + path, {
          method: "POST",
          body: JSON.stringify(rest),
          headers: { "content-type": "application/json" },
        });
        exchange.reply.body = Buffer.from(await reply.arrayBuffer());
      },
      ["infer.requested-outputs", "infer.output-order"],
    ],
    ["outputs have another datatype", (exchange) => changeAnswer(exchange, retyped), ["infer.json", "binary.output", "binary.one-output"]],
    ["answers of requests at once are mixed up", mixUp(), ["infer.isolation"]],
    [
      "a model that is not there is ready",
      (exchange) => {
        if (exchange.path.endsWith("no-such-model/ready")) exchange.reply.status = 200;
      },
      ["health.unknown-model"],
    ],
    [
      "the first byte of tensors is lost",
      ({ reply }) => {
        const length = Number(reply.headers["inference-header-content-length"]);
        if (length > 0) reply.body = Buffer.concat([reply.body.subarray(0, length), reply.body.subarray(length + 1), Buffer.alloc(1)]);
      },
      ["binary.output", "binary.one-output"],
    ],
  ])("%s", async (_what, fault, expected) => {
    const proxy = await faultyProxy(url, fault);
    const { code, failed, report } = await reportOf(proxy.url, "--model", "two");
    proxy.close();
    expect(failed).toEqual(expected);
    expect(code).toBe(1);
    for (const { outcome, expected, got, rule } of report.checks) {
      if (outcome === "failed") expect([expected, got, rule].every((text) => text !== undefined && text !== "")).toBe(true);
    }
  });

  it("a should that fails is a warning, unless --strict", async () => {
    const proxy = await faultyProxy(url, (exchange) => {
      if (exchange.method === "GET" && exchange.path.endsWith("/infer")) exchange.reply.status = 404;
    });
    const [loose, strict] = [
      await reportOf(proxy.url, "--only", "errors"),
      await reportOf(proxy.url, "--only", "errors.method", "--strict"),
    ];
    proxy.close();
    expect({ code: loose.code, failed: loose.failed, counts: loose.report.counts }).toMatchObject({
      code: 0,
      failed: ["errors.method"],
      counts: { failed: 0, warned: 1 },
    });
    expect({ code: strict.code, counts: strict.report.counts }).toMatchObject({ code: 1, counts: { failed: 1, passed: 0 } });
  });
});

/** Both words of an answer say FP64. */
function retyped(answer: Record<string, never>): object {
  const { outputs, ...rest } = answer as unknown as { outputs: object[] };
  return { ...rest, outputs: outputs.map((output) => ({ ...output, datatype: "FP64" })) };
}

/** Of requests that are under way at once, each two get one another's outputs, under their own ids. */
function mixUp(): Fault {
  let waiting: { readonly body: Buffer; readonly take: (body: Buffer) => void } | undefined;
  return async ({ reply }) => {
    const own = jsonOf(reply.body);
    if (typeof own?.id !== "string" || !/^[0-7]$/.test(own.id)) return;
    let other: Buffer;
    if (waiting === undefined) {
      other = await new Promise<Buffer>((take) => {
        waiting = { body: reply.body, take };
      });
    } else {
      const { body, take } = waiting;
      waiting = undefined;
      take(reply.body);
      other = body;
    }
    reply.body = Buffer.from(JSON.stringify({ ...own, outputs: jsonOf(other)?.outputs }));
  };
}

function jsonOf(body: Buffer): { id?: unknown; outputs?: unknown } | undefined {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

describe("the command", () => {
  it("prints a table with what was expected and got, and where the rule stands", async () => {
    const proxy = await faultyProxy(url, (exchange) => changeAnswer(exchange, ({ id: _, ...answer }) => answer));
    const { code, stdout, stderr } = await runCli(["conformance", proxy.url, "--only", "infer"]);
    proxy.close();
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(
      /✗ infer\.id +an id comes back as it was sent\n +expected id "42"\n +got +none\n +OIP v2 REST, Inference Response JSON Object/,
    );
    expect(stdout).toMatch(/10 passed, 1 failed, 0 warned, 0 skipped\n$/);
  });

  it("lists its checks, each with an id of its own and a rule", async () => {
    const { code, stdout } = await runCli(["conformance", "--list", "--json"]);
    expect(code).toBe(0);
    const listed = JSON.parse(stdout) as { id: string; rule: string; title: string }[];
    expect(listed.length).toBeGreaterThan(50);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
    expect(listed.filter(({ rule, title }) => rule === "" || title === "")).toEqual([]);
  });

  it("takes a request of one's own", async () => {
    const inputs = [
      { name: "x", shape: [2, 4], datatype: "FP32", data: [1, 2, 3, 4, 5, 6, 7, 8] },
      {
        name: "n",
        shape: [2, 4],
        datatype: "INT32",
        data: [
          [1, 1, 1, 1],
          [2, 2, 2, 2],
        ],
      },
    ];
    const file = join(folder, "request.json");
    writeFileSync(file, JSON.stringify({ inputs }));
    const { code, failed } = await reportOf(url, "--input", file);
    expect({ code, failed }).toEqual({ code: 0, failed: [] });
  });

  it.each<[string, () => string[], number, RegExp]>([
    ["no server", () => [], 2, /name a server/],
    ["a server that is not there", () => ["http://127.0.0.1:9", "--model", "m"], 1, /http:\/\/127\.0\.0\.1:9: /],
    ["a model that is not there", () => [url, "--model", "none"], 1, /does not tell the model's inputs and outputs/],
    ["a check that is not there", () => [url, "--only", "infer.everything"], 2, /no group or check "infer\.everything"/],
    ["a request that is none", () => [url, "--input", "nothing.json"], 2, /--input: nothing\.json is no inference request: ENOENT/],
  ])("%s", async (_what, args, code, stderr) => {
    expect(await runCli(["conformance", ...args()])).toEqual({ code, stdout: "", stderr: expect.stringMatching(stderr) });
  });
});
