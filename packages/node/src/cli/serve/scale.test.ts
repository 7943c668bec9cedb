import { copyFileSync, mkdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createPredictor } from "@predikt/core";
import { createApiKey } from "@predikt/node/access";
import { remote } from "@predikt/node/grpc";
import { afterEach, describe, expect, it } from "vitest";
import { endAll, exampleFile, newFolder, type Running, runCli, startCli } from "../../../test/cli.ts";

afterEach(endAll);

const linear = exampleFile("linear-regression/linear.onnx");
const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

async function urlOf({ said }: Running): Promise<string> {
  return (await said(/^http:\/\/\S+$/m))[0];
}

async function end({ child, ended }: Running) {
  child.kill("SIGTERM");
  return ended;
}

/** A repository with one version of the model `line`. */
function repository(): string {
  const root = newFolder();
  add(root, "1");
  return root;
}

function add(root: string, version: string): void {
  const incoming = join(root, `.incoming-${version}`);
  mkdirSync(incoming, { recursive: true });
  mkdirSync(join(root, "line"), { recursive: true });
  copyFileSync(linear, join(incoming, "model.onnx"));
  renameSync(incoming, join(root, "line", version));
}

describe("a repository", () => {
  it("--control watch: a version that comes while it serves answers", async () => {
    const root = repository();
    const server = startCli(["serve", root, "--port", "0", "--control", "watch"]);
    const url = await urlOf(server);
    expect((await post(`${url}/predict`, { x: [[3]] })).headers.get("x-predikt-model-version")).toBe("1");
    add(root, "2");
    await server.said(/version 2 is READY/);
    expect(
      (await post(`${url}/v2/models/line/infer`, { inputs: [{ name: "x", shape: [1, 1], datatype: "FP32", data: [3] }] })).status,
    ).toBe(200);
    expect((await post(`${url}/predict/line`, { x: [[3]] })).headers.get("x-predikt-model-version")).toBe("2");
    expect((await end(server)).code).toBe(0);
  });

  it("--control explicit: clients load and unload; otherwise they may not", async () => {
    const server = startCli(["serve", repository(), "--port", "0", "--control", "explicit"]);
    const url = await urlOf(server);
    expect((await post(`${url}/predict/line`, { x: [[3]] })).status).toBe(503);
    expect((await post(`${url}/v2/repository/models/line/load`, {})).status).toBe(200);
    expect((await post(`${url}/predict/line`, { x: [[3]] })).status).toBe(200);
    expect(await (await post(`${url}/v2/repository/index`, {})).json()).toMatchObject([{ name: "line", version: "1", state: "READY" }]);
    expect((await post(`${url}/v2/repository/models/line/unload`, {})).status).toBe(200);
    expect((await post(`${url}/predict/line`, { x: [[3]] })).status).toBe(503);
    expect((await post(`${url}/v2/repository/models/none/load`, {})).status).toBe(404);
    expect((await end(server)).code).toBe(0);
    const closed = startCli(["serve", repository(), "--port", "0"]);
    expect((await post(`${await urlOf(closed)}/v2/repository/index`, {})).status).toBe(404);
  });

  it("an empty one is served with a warning; control of a file is refused", async () => {
    const server = startCli(["serve", newFolder(), "--port", "0", "--log", "off"]);
    await urlOf(server);
    expect((await end(server)).stderr).toMatch(/^! .* holds no model: <model>\/<version>\/model\.onnx is expected\n$/);
    expect(await runCli(["serve", linear, "--control", "watch", "--log", "off"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--control watch is for a model repository"),
    });
  });
});

describe("several processes", () => {
  it("share the port, add up their metrics, are replaced on SIGHUP and where all die at once, and drain on SIGTERM", {
    timeout: 60_000,
  }, async () => {
    const server = startCli(["serve", linear, "--port", "0", "--processes", "2", "--log", "json"]);
    const url = await urlOf(server);
    const asked = await Promise.all(Array.from({ length: 20 }, () => post(`${url}/predict/linear`, { x: [[3]] }, { connection: "close" })));
    expect(asked.map(({ status }) => status)).toEqual(new Array(20).fill(200));
    const metrics = await (await fetch(`${url}/metrics`, { headers: { connection: "close" } })).text();
    expect(metrics).toMatch(/predikt_requests_total\{[^}]*outcome="succeeded"[^}]*\} 20\n/);

    server.child.kill("SIGHUP");
    await server.said(/all processes were replaced/);
    const ask = () => post(`${url}/predict/linear`, { x: [[3]] }, { connection: "close" });
    expect((await ask()).status).toBe(200);
    const events = (stderr: string) =>
      stderr
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { type?: string; pid?: number });
    const started = (stderr: string) => events(stderr).filter(({ type }) => type === "process-started");
    for (const { pid } of started(server.stderr()).slice(2)) process.kill(pid as number, "SIGKILL");
    // The same address answers, though nobody held it for a while.
    await expect
      .poll(
        () =>
          ask().then(
            ({ status }) => status,
            () => "nobody",
          ),
        { timeout: 20_000 },
      )
      .toBe(200);
    await expect.poll(() => started(server.stderr()).length, { timeout: 20_000 }).toBe(6);
    const { code, stdout, stderr } = await end(server);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${url}\n` });
    expect(events(stderr).filter(({ type }) => type === "process-closed")).toHaveLength(4);
    expect(events(stderr).filter(({ type }) => type === "process-lost")).toHaveLength(2);
  });

  it("a port that is taken: says so once, and ends", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const ended = await runCli(["serve", linear, "--port", String(port), "--processes", "2", "--log", "json"]);
    other.close();
    expect(ended).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^✗ port \d+ is taken by another program; [^\n]*\n$/),
    });
  });

  it("a model that cannot be opened ends it with 1, and explicit control is refused", { timeout: 60_000 }, async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "text.onnx"), "this is no model at all");
    const broken = await runCli(["serve", "text.onnx", "--port", "0", "--processes", "2"], { cwd });
    expect(broken).toMatchObject({ code: 1, stdout: "" });
    expect(broken.stderr).toContain("is not ONNX, or is cut off");
    expect(broken.stderr).toContain("the processes did not start");
    const explicit = await runCli(["serve", repository(), "--processes", "2", "--control", "explicit"]);
    expect(explicit).toMatchObject({ code: 2, stderr: expect.stringContaining("--control explicit needs one process") });
  });
});

describe("access", () => {
  it("--api-keys: only those ask whose keys the file holds, within their scopes; it is read again when it changes", async () => {
    const cwd = newFolder();
    const [ada, ben] = [createApiKey(), createApiKey()];
    const file = join(cwd, "keys.json");
    const write = (...keys: object[]): void => writeFileSync(file, JSON.stringify(keys));
    write({ id: "ada", hash: ada.hash, scopes: ["predict:linear"] });
    const server = startCli(
      ["serve", linear, "--port", "0", "--host", "0.0.0.0", "--api-keys", "keys.json", "--cors", "https://app.example"],
      { cwd },
    );
    const url = (await urlOf(server)).replace("0.0.0.0", "127.0.0.1");
    const status = async (key: string | undefined, path = "/predict/linear") =>
      (await post(url + path, { x: [[3]] }, key === undefined ? {} : { "x-api-key": key })).status;
    expect([await status(undefined), await status("wrong"), await status(ada.key), await status(ben.key)]).toEqual([401, 401, 200, 401]);
    expect((await fetch(`${url}/models`, { headers: { "x-api-key": ada.key } })).status).toBe(403);
    expect(
      (await fetch(`${url}/health/ready`, { headers: { origin: "https://app.example" } })).headers.get("access-control-allow-origin"),
    ).toBe("https://app.example");
    write({ id: "ben", hash: ben.hash, scopes: ["*"], expiresAt: "2999-01-01T00:00:00Z" });
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    await expect.poll(() => status(ben.key), { timeout: 5000 }).toBe(200);
    expect(await status(ada.key)).toBe(401);
    const { code, stderr } = await end(server);
    expect(code).toBe(0);
    expect(stderr).not.toContain("without authentication");
    expect(stderr).not.toContain(ada.key);
  });

  it.each([
    ["no file", undefined, /apiKeys: none\.json cannot be read: ENOENT/],
    ["no list", "{}", /apiKeys: none\.json: the list: /],
    ["a key in place of its hash", '[{"id": "a", "hash": "predikt_secret"}]', /apiKeys: none\.json: 0\.hash: expected 64 hex digits/],
  ])("%s: refused, and no secret is shown", async (_what, text, stderr) => {
    const cwd = newFolder();
    if (text !== undefined) writeFileSync(join(cwd, "none.json"), text);
    const ended = await runCli(["serve", linear, "--port", "0", "--api-keys", "none.json"], { cwd });
    expect(ended).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(stderr) });
    expect(ended.stderr).not.toContain("secret");
  });
});

describe("gRPC", () => {
  it("--grpc-port: the same models, over gRPC too", async () => {
    const server = startCli(["serve", linear, "--port", "0", "--grpc-port", "0", "--log", "json"]);
    const [, port] = await server.said(/gRPC on port (\d+)/);
    const predictor = await createPredictor({ source: "linear", backend: remote(`127.0.0.1:${port}`) });
    const { y } = await predictor.predict({ x: [[3]] });
    expect(y?.data[0]).toBeCloseTo(6, 2);
    await predictor.close();
    const { code, stderr } = await end(server);
    expect(code).toBe(0);
    expect(stderr).toMatch(/"method":"gRPC","route":"[^"]*infer[^"]*","model":"linear","status":200/i);
  });

  it("a port that is taken: says so, and ends", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const ended = await runCli(["serve", linear, "--port", "0", "--grpc-port", String(port), "--log", "off"]);
    other.close();
    expect(ended).toEqual({
      code: 1,
      stdout: "",
      stderr: `✗ port ${port} is taken by another program; --grpc-port ${port + 1} is another, --grpc-port 0 a free one\n`,
    });
  });
});
