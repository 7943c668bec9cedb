import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { hasCurl, paste } from "../../test-support/curl.ts";
import { post } from "../../test-support/http.ts";
import { endAll, type Program, startNode } from "../../test-support/program.ts";

afterEach(endAll);

/** `npm start -- …args`, without installing and building. */
const npmStart = (...args: string[]): Program => startNode(["scripts/start.mjs", "--no-setup", ...args]);

describe("npm start", () => {
  it("--once: trains, serves, asks itself over HTTP and ends with 0", async () => {
    const program = npmStart("--once", "--port", "0");
    expect(await program.ended).toBe(0);
    expect(program.stderr()).toBe("");
    const said = program.stdout();
    expect(said).toMatch(/epoch 400 of 400, loss/);
    expect(said).toMatch(/POST http:\/\/127\.0\.0\.1:\d+\/api\/predict \{"x": 3\} → \{"y":(6\.00|5\.99)\d*\}/);
    expect(said).toMatch(/\(a handwritten 7\) → \{"digit":7,"confidence":0\.99\d*, …\}/);
    expect(said).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/ → 200 text\/html/);
    expect(said).not.toContain("Ctrl-C");
    expect(said.trimEnd()).toMatch(/Closed\.$/);
    // A file that git knows would be somebody's change.
    expect(said).toMatch(/Exported: \S+\.cache\/start\/linear\.onnx/);
  });

  it("stays up for the lines it prints, each of which works as it stands, and ends with 0 on Ctrl-C", async ({ skip }) => {
    const program = npmStart("--port", "0");
    await program.said(/Ctrl-C ends it/);
    const lines = program.stdout().match(/^ +curl .*$/gm) ?? [];
    expect(lines).toHaveLength(4);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(program.stdout()) ?? [];
    const page = await (await fetch(`${url}/`)).text();
    expect((await fetch(`${url}/api`)).url).toBe(`${url}/api/docs`);
    for (const [, path] of page.matchAll(/(?:href|src)="([^"]+)"/g)) expect((await fetch(`${url}${path}`)).status, path).toBe(200);

    if (!hasCurl) skip("needs curl");
    const replies = await Promise.all(lines.map((line) => paste(line)));
    expect(replies[0]).toEqual({ y: expect.closeTo(6, 2) });
    expect(replies[1]).toEqual([{ output: { y: expect.closeTo(2, 2) } }, { output: { y: expect.closeTo(20, 1) } }]);
    expect(replies[2]).toMatchObject({ digit: 7, confidence: expect.closeTo(1, 2) });
    expect(JSON.stringify(replies[3])).toMatch(/linear.*digits/);

    program.child.kill("SIGINT");
    // As npm does with what the terminal has sent already.
    program.child.kill("SIGINT");
    expect(await program.ended).toBe(0);
    expect(program.stdout()).toMatch(/SIGINT: finishing what is under way …\nClosed\.\n$/);
    expect(program.stderr()).toBe("");
  });

  it("serves the page's files as what they are, those with a digest in their name for good, and nothing else", async () => {
    const program = npmStart("--port", "0");
    await program.said(/Ctrl-C ends it/);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(program.stdout()) ?? [];
    const files = readdirSync(new URL("../../react-vite/dist/assets/", import.meta.url));
    const types = {
      js: "text/javascript",
      mjs: "text/javascript",
      css: "text/css",
      wasm: "application/wasm",
      onnx: "application/octet-stream",
    };
    for (const [ending, type] of Object.entries(types)) {
      const name = files.find((each) => each.endsWith(`.${ending}`));
      const { headers } = await fetch(`${url}/assets/${name}`, { method: "HEAD" });
      expect(headers.get("content-type")?.replace("application/javascript", "text/javascript"), name).toMatch(new RegExp(`^${type}(;|$)`));
      expect(headers.get("cache-control"), name).toContain("immutable");
    }
    const { headers } = await fetch(`${url}/`);
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(
      (await fetch(`${url}/`, { headers: { "if-none-match": headers.get("etag") as string, "cache-control": "max-age=0" } })).status,
    ).toBe(304);
    for (const path of ["/assets/", "/package.json", "/%2e%2e/package.json", "/nothing"])
      expect((await fetch(url + path)).status, path).toBe(404);
    program.child.kill("SIGINT");
    expect(await program.ended).toBe(0);
  });

  it("answers what is under way on SIGTERM, and ends with 0", async () => {
    const program = npmStart("--port", "0");
    await program.said(/Ctrl-C ends it/);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(program.stdout()) ?? [];
    const many = post(`${url}/api/predict/digits/batch`, new Array(500).fill({ pixels: new Array(784).fill(0) }));
    for (let requests = 0; requests < 2; ) {
      requests = ((await (await fetch(`${url}/api/models/digits`)).json()) as { stats: { requests: number } }).stats.requests;
    }
    program.child.kill("SIGTERM");
    const { status, json } = await many;
    expect(status).toBe(200);
    expect(json).toHaveLength(500);
    expect(await program.ended).toBe(0);
  });

  it("does not wait for a connection that a browser has opened and never used", { timeout: 30_000 }, async () => {
    const program = npmStart("--port", "0");
    await program.said(/Ctrl-C ends it/);
    const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(program.stdout()) ?? [];
    const socket = connect(Number(port), "127.0.0.1").resume();
    await once(socket, "connect");
    program.child.kill("SIGINT");
    expect(await program.ended).toBe(0);
    socket.destroy();
  });

  it("says so where the port that was asked for is taken, and how to go on", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const program = npmStart("--port", String(port), "--once");
    expect(await program.ended).toBe(1);
    expect(program.stderr()).toBe(`✗ Port ${port} is taken by another program. Another one: npm start -- --port ${port + 1}\n`);
    other.close();
  });

  it.each([
    [["--port", "http"], '--port takes a number from 0 to 65535, not "http"'],
    [["--port", "65536"], '--port takes a number from 0 to 65535, not "65536"'],
    [["--prot", "1"], "Unknown option '--prot'"],
  ])("refuses %j before it does anything", async (args, why) => {
    const program = startNode(["scripts/start.mjs", ...args]);
    expect(await program.ended).toBe(2);
    expect(program.stderr()).toContain(why);
    expect(program.stderr()).toContain("npm start -- --help lists the options.");
    expect(program.stdout()).toBe("");
  });

  it("takes PORT where no --port is given, and holds it to the same rules", async () => {
    const program = startNode(["scripts/start.mjs"], { env: { PORT: "http" } });
    expect(await program.ended).toBe(2);
    expect(program.stderr()).toContain('PORT takes a number from 0 to 65535, not "http"');
    const right = startNode(["scripts/start.mjs", "--no-setup", "--once"], { env: { PORT: "0" } });
    expect(await right.ended).toBe(0);
    expect(right.stdout()).toMatch(/POST http:\/\/127\.0\.0\.1:(?!30[0-2]\d\/)\d+\/api\/predict/);
  });

  it("--help says what it does", async () => {
    const program = startNode(["scripts/start.mjs", "--help"]);
    expect(await program.ended).toBe(0);
    for (const option of ["--port", "--once", "--no-setup", "--help"]) expect(program.stdout()).toContain(`npm start -- ${option}`);
  });

  it("says plainly that an old Node is too old", async () => {
    const older = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.0" } })`;
    const program = startNode(["--import", `data:text/javascript,${encodeURIComponent(older)}`, "scripts/start.mjs"]);
    expect(await program.ended).toBe(1);
    expect(program.stderr()).toContain("Predikt needs Node 20.19 or later; this is Node 18.20.0");
    expect(program.stdout()).toBe("");
  });
});
