import { mkdirSync, writeFileSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { endAll, exampleFile, newFolder, type Running, runCli, startCli } from "../../../test/cli.ts";
import { slow, slowToOpen } from "../../../test/models.ts";

afterEach(endAll);

const digits = exampleFile("digits/digits.onnx");
const linear = exampleFile("linear-regression/linear.onnx");
/** What a module outside of the workspace imports. */
const library = JSON.stringify(fileURLToPath(new URL("../../../dist/index.js", import.meta.url)));

async function urlOf({ said }: Running): Promise<string> {
  return (await said(/^http:\/\/\S+$/m))[0];
}

async function end({ child, ended }: Running, signal: NodeJS.Signals = "SIGTERM") {
  child.kill(signal);
  return ended;
}

const post = (url: string, body: unknown) =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** JSON lines of the log. */
const logOf = (stderr: string) =>
  stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("a file", () => {
  it("is served under its name at the root, and only the address goes to stdout", async () => {
    const server = startCli(["serve", digits, "--port", "0"]);
    const url = await urlOf(server);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const reply = await post(`${url}/predict/digits`, { image: new Array(784).fill(0) });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({ logits: { type: "float32", dims: [1, 10] } });
    expect(reply.headers.get("x-predikt-model-version")).toBe("1");
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect((await post(`${url}/predict/digits`, { image: [1] })).status).toBe(400);
    const { code, stdout, stderr } = await end(server);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${url}\n` });
    const log = logOf(stderr);
    // Health checks come all the time, and are no news.
    const requests = log.filter(({ method }) => method !== undefined);
    expect(requests.map(({ level, msg, model, code }) => ({ level, msg, model, code }))).toEqual([
      { level: 30, msg: "POST predict 200", model: "digits" },
      { level: 40, msg: "POST predict 400", model: "digits", code: "INPUT_SHAPE" },
    ]);
    expect(log.at(-1)).toMatchObject({ msg: "closed" });
  });

  it.each(["SIGTERM", "SIGHUP"] as const)("answers what is under way on %s, and refuses what comes after", async (signal) => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "slow.onnx"), slow());
    const server = startCli(["serve", "slow.onnx", "--port", "0", "--name", "loops", "--log", "json"], { cwd });
    const url = await urlOf(server);
    const under = post(`${url}/predict/loops`, { x: new Array(256).fill(1), times: 20_000 });
    for (let running = 0; running === 0; ) {
      running = ((await (await fetch(`${url}/models/loops`)).json()) as { stats: { running: number } }).stats.running;
    }
    server.child.kill(signal);
    // As npm does with what the terminal has sent already.
    server.child.kill(signal);
    await server.said(/finishing what is under way/);
    expect((await under).status).toBe(200);
    expect((await server.ended).code).toBe(0);
    await expect(fetch(`${url}/models`)).rejects.toThrow();
  });

  it("answers what comes over a connection that was open at SIGTERM, and closes it with that", async () => {
    const server = startCli(["serve", linear, "--port", "0", "--log", "json"]);
    const url = await urlOf(server);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () =>
      new Promise<IncomingMessage>((resolve, reject) =>
        get(`${url}/models`, { agent }, (reply) => reply.resume().on("end", () => resolve(reply))).on("error", reject),
      );
    expect((await ask()).headers.connection).toBe("keep-alive");
    server.child.kill("SIGTERM");
    let reply: IncomingMessage;
    do {
      reply = await ask();
      expect(reply.statusCode).toBe(200);
    } while (reply.headers.connection !== "close");
    expect((await server.ended).code).toBe(0);
  });

  it("keeps idle connections for longer than load balancers do", async () => {
    const server = startCli(["serve", linear, "--port", "0", "--log", "off"]);
    expect((await fetch(`${await urlOf(server)}/health/live`)).headers.get("keep-alive")).toBe("timeout=75");
    await end(server);
  });

  it("is no child of a cluster whose variables it has been given", async () => {
    const env = { PREDIKT_PROCESS_INDEX: "1", PREDIKT_PROCESS_COUNT: "2" };
    const server = startCli(["serve", linear, "--port", "0", "--log", "off"], { env });
    await urlOf(server);
    expect((await end(server)).code).toBe(0);
  });

  it("goes on where nobody reads its log any more", async () => {
    const server = startCli(["serve", linear, "--port", "0", "--log", "json"]);
    const url = await urlOf(server);
    server.child.stderr?.destroy();
    for (let i = 0; i < 3; i++) expect((await post(`${url}/predict/linear`, { x: [[3]] })).status).toBe(200);
    expect((await end(server)).code).toBe(0);
  });

  it("a signal while it loads ends it at once", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "slow.onnx"), slowToOpen());
    const server = startCli(["serve", "slow.onnx", "--port", "0"], { cwd, env: { PREDIKT_PROT: "1" } });
    await server.said(/PREDIKT_PROT/);
    expect(await end(server, "SIGINT")).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("SIGINT while loading") });
  });

  it("writes lines for people where that is asked for, in colours unless NO_COLOR", async () => {
    const pretty = async (env: NodeJS.ProcessEnv) => {
      const server = startCli(["serve", linear, "--port", "0", "--log", "pretty"], { env });
      await fetch(`${await urlOf(server)}/nothing`);
      return (await end(server)).stderr;
    };
    expect(await pretty({ NO_COLOR: "1", FORCE_COLOR: "1" })).toMatch(/^\d\d:\d\d:\d\d {3}404 GET {2}– MODEL_NOT_FOUND [\d.]+ ms \S+$/m);
    expect(await pretty({ FORCE_COLOR: "1" })).toContain("\u001b[33m404");
  });
});

describe("a module", () => {
  it("may export predictors under names, in lists, as promises and from functions; they are closed", async () => {
    const cwd = newFolder();
    const source = `
      import { createPredictor } from ${library};
      const open = (name, onEvent) => createPredictor({ source: ${JSON.stringify(linear)}, name, onEvent });
      export const one = open("one", ({ type }) => type === "predictor-closed" && console.error('{"closed":true}'));
      export default async () => [await open("two"), await open("three")];
      export const other = 7;`;
    writeFileSync(join(cwd, "models.mjs"), source);
    const server = startCli(["serve", "models.mjs", "--port", "0", "--device", "cpu"], { cwd });
    const { models } = (await (await fetch(`${await urlOf(server)}/models`)).json()) as { models: { name: string }[] };
    expect(models.map(({ name }) => name).sort()).toEqual(["one", "three", "two"]);
    const { code, stderr } = await end(server);
    expect(code).toBe(0);
    expect(stderr).toContain('{"closed":true}');
    expect(stderr).toContain("device: of no effect, since the module makes its predictors itself");
  });

  it("may export something that finds them", async () => {
    const cwd = newFolder();
    const source = `
      import { createPredictor } from ${library};
      const predictor = await createPredictor({ source: ${JSON.stringify(linear)}, name: "found" });
      export const registry = {
        resolve: () => predictor,
        list: () => [{ name: "found", version: "1", labels: [], predictor }],
        close: () => predictor.close(),
      };`;
    writeFileSync(join(cwd, "registry.mjs"), source);
    const server = startCli(["serve", "registry.mjs", "--port", "0"], { cwd });
    expect((await post(`${await urlOf(server)}/predict`, { x: [[3]] })).status).toBe(200);
    expect((await end(server)).code).toBe(0);
  });

  it.each([
    ["exports nothing of use", "export const a = 1;", /exports no predictor and no registry, but a: export default/],
    ["throws", "throw new Error('no such luck');", /cannot be imported: no such luck/],
  ])("that %s: one line, and 1", async (_what, source, stderr) => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "m.mjs"), source);
    expect(await runCli(["serve", "m.mjs"], { cwd })).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(stderr) });
  });
});

describe("what cannot be served", () => {
  it("a port that is taken: says so and how to go on", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const { code, stdout, stderr } = await runCli(["serve", linear, "--port", String(port), "--log", "off"]);
    other.close();
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr: `✗ port ${port} is taken by another program; --port ${port + 1} is another, --port 0 a free one\n`,
    });
  });

  it.each([
    ["nothing", [], 2, /nothing to serve: name an \.onnx file/],
    ["no such file", ["none.onnx"], 1, /there is nothing at .*none\.onnx/],
    ["another kind of file", ["notes.txt"], 2, /notes\.txt: expected an \.onnx file/],
    ["a file that is no model", ["text.onnx"], 1, /is not ONNX, or is cut off/],
    ["an address of another machine", [linear, "--host", "192.0.2.1"], 1, /192\.0\.2\.1 is no address of this machine/],
    ["a device that is not there", [linear, "--device", "abacus"], 1, /abacus.*BACKEND_UNAVAILABLE/],
    ["options that contradict each other", [linear, "--max-run-ms", "5", "--execution", "inline"], 2, /maxRunMs.*CONFIG_INVALID/],
  ])("%s", async (_what, args, code, stderr) => {
    const cwd = newFolder();
    for (const name of ["notes.txt", "text.onnx"]) writeFileSync(join(cwd, name), "some text, which is no model");
    const ended = await runCli(["serve", ...args, "--port", "0", "--log", "off"], { cwd });
    expect(ended).toEqual({ code, stdout: "", stderr: expect.stringMatching(stderr) });
    expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("another address than this machine's own, without authentication, is served with a warning", async () => {
    const server = startCli(["serve", linear, "--port", "0", "--host", "0.0.0.0", "--log", "off"]);
    await urlOf(server);
    expect((await end(server)).stderr).toBe("! listening on 0.0.0.0 without authentication: whoever reaches it may use the models\n");
  });
});

describe("settings", () => {
  const print = async (args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) => {
    const { code, stdout, stderr } = await runCli(["serve", "--print-config", ...args], { cwd, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout) as Record<string, { value: unknown; from: string }>;
  };

  it("come from flags, else the environment, else the file, else defaults, and say so", async () => {
    const cwd = newFolder();
    writeFileSync(
      join(cwd, "predikt.config.json"),
      '{"model": "m.onnx", "port": 1, "host": "::1", "threads": 2, "batching": {"maxBatchSize": 8}}',
    );
    const shown = await print(["--port", "3"], cwd, { PREDIKT_PORT: "2", PREDIKT_HOST: "127.0.0.2" });
    expect(shown).toMatchObject({
      model: { value: "m.onnx", from: "predikt.config.json" },
      port: { value: 3, from: "--port" },
      host: { value: "127.0.0.2", from: "PREDIKT_HOST" },
      threads: { value: 2, from: "predikt.config.json" },
      "batching.maxBatchSize": { value: 8, from: "predikt.config.json" },
      queueLimit: { value: "1024", from: "default" },
    });
    expect((await print(["--no-config"], cwd))["threads"]).toEqual({ value: "1", from: "default" });
  });

  it("may come from a module, named or found", async () => {
    const cwd = newFolder();
    mkdirSync(join(cwd, "conf"));
    writeFileSync(join(cwd, "conf/own.mjs"), "export default { port: 1 + 1 };");
    writeFileSync(join(cwd, "predikt.config.mjs"), "export default { port: 5 };");
    expect((await print(["--config", "conf/own.mjs"], cwd))["port"]).toEqual({ value: 2, from: "conf/own.mjs" });
    expect((await print([], cwd))["port"]).toEqual({ value: 5, from: "predikt.config.mjs" });
  });

  it.each([
    ["not JSON", "{", /config file predikt\.config\.json cannot be read/],
    ["no object", "[]", /expected an object of settings/],
    [
      "wrong",
      '{"prot": 1, "threads": "many"}',
      /threads: expected a whole number ≥ 1, got "many" \(from predikt\.config\.json\); prot: .* is port meant\?/,
    ],
  ])("a file that is %s is refused by name", async (_what, text, stderr) => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "predikt.config.json"), text);
    expect(await runCli(["serve", linear], { cwd })).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(stderr) });
    expect(await runCli(["serve", "--config", "none.json"], { cwd })).toMatchObject({
      code: 2,
      stderr: "✗ there is no config file none.json\n",
    });
  });
});
