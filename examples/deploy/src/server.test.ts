import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { post } from "../../test-support/http.ts";
import { endAll, type Program, startNode } from "../../test-support/program.ts";
import { askedPaths, commands, healthCheck, imageArgs, runtimeArgs } from "./commands.ts";

const digits = fileURLToPath(new URL("../../digits/digits.onnx", import.meta.url));
const folders: string[] = [];

afterEach(() => {
  endAll();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder with a copy of the model at `path`. */
function folderWith(path: string): string {
  const folder = mkdtempSync(join(tmpdir(), "predikt-deploy-"));
  folders.push(folder);
  mkdirSync(join(folder, path, ".."), { recursive: true });
  copyFileSync(digits, join(folder, path));
  return folder;
}

/** The built command line. */
function predikt(args: readonly string[], replaced: Readonly<Record<string, string>> = {}): Program {
  const given = args.map((arg) => replaced[arg] ?? arg);
  return startNode(["packages/node/dist/cli.js", ...given]);
}

async function portOf(program: Program): Promise<string> {
  return (await program.said(/^http:\/\/0\.0\.0\.0:(\d+)$/m))[1] as string;
}

/** The exit code of the image's health check, asked of another port. */
function health(port: string): Promise<number | NodeJS.Signals> {
  return startNode(healthCheck.map((arg) => arg.replace(":8080/", `:${port}/`))).ended;
}

const infer = { inputs: [{ name: "image", datatype: "FP32", shape: [1, 1, 28, 28], data: new Array(784).fill(0) }] };

describe("the command line of this repository", () => {
  it("does what the image's does: serves a repository, is found healthy, has what is asked of it, and ends on SIGTERM", async () => {
    const root = folderWith("digits/1/model.onnx");
    // Which the image installs zod for.
    writeFileSync(join(root, "digits/predikt.json"), '{ "labels": { "canary": "1" } }');
    const server = predikt(imageArgs, { "/models": root, 8080: "0" });
    const port = await portOf(server);
    expect(await health(port)).toBe(0);
    expect(await post(`http://127.0.0.1:${port}/v2/models/digits/infer`, infer)).toMatchObject({ status: 200 });
    expect(askedPaths()).toEqual(expect.arrayContaining(["/v2/health/ready", "/v2/health/live", "/metrics"]));
    for (const path of askedPaths())
      expect({ path, status: (await fetch(`http://127.0.0.1:${port}${path}`)).status }).toEqual({ path, status: 200 });
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    expect(await health(port)).toBe(1);
  });

  it("does what KServe's runtime does: the model has the service's name, in both protocols", async () => {
    const model = join(folderWith("model.onnx"), "model.onnx");
    const server = predikt(runtimeArgs, { "/mnt/models/model.onnx": model, "{{.Name}}": "seen-digits", 8080: "0" });
    const origin = `http://127.0.0.1:${await portOf(server)}`;
    expect(await post(`${origin}/v2/models/seen-digits/infer`, infer)).toMatchObject({ status: 200, json: { model_name: "seen-digits" } });
    expect(
      await post(`${origin}/v1/models/seen-digits:predict`, { instances: [[new Array(28).fill(new Array(28).fill(0))]] }),
    ).toMatchObject({
      status: 200,
      json: { predictions: [expect.any(Array)] },
    });
    expect((await fetch(`${origin}/v1/models/seen-digits`)).status).toBe(200);
  });

  it.each(commands().map(({ where, args }) => [where, args] as const))("knows every flag that %s gives it", async (_where, args) => {
    const shown = predikt([...args, "--no-config", "--print-config"], { "{{.Name}}": "seen-digits" });
    expect({ code: await shown.ended, stderr: shown.stderr() }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(shown.stdout())).toMatchObject({ host: { value: "0.0.0.0", from: "--host" }, port: { value: 8080, from: "--port" } });
  });
});
