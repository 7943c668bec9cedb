import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { tensor } from "@predikt/core";
import { extractExternalData, graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";
import { expect, it } from "vitest";
import { exampleFile, newFolder, runCli } from "../../../test/cli.ts";

const digits = exampleFile("digits/digits.onnx");

it("prints a table for people and clean JSON for programs", async () => {
  const text = await runCli(["inspect", digits]);
  expect(text).toMatchObject({ code: 0, stderr: "" });
  expect(text.stdout).toMatch(/parameters +105,866/);
  expect(text.stdout).toMatch(/input +image +float32 +\[batch, 1, 28, 28\]/);
  expect(text.stdout).toMatch(/Conv +2/);
  expect(text.stdout).toMatch(/task +image-classification/);
  expect(text.stdout).not.toContain("\u001b");

  const json = await runCli(["inspect", digits, "--json"]);
  expect(json).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(json.stdout)).toMatchObject({
    model: digits,
    bytes: 425_074,
    irVersion: 7,
    opsets: { "": 13 },
    signature: { inputs: [{ name: "image", dtype: "float32", shape: ["batch", 1, 28, 28] }], outputs: [{ name: "logits" }] },
    operators: expect.arrayContaining([{ domain: "", opType: "MaxPool", count: 2 }]),
    findings: [],
  });
});

it("paints where that is asked for, and never under NO_COLOR", async () => {
  expect((await runCli(["inspect", digits], { env: { FORCE_COLOR: "1" } })).stdout).toContain("\u001b[1m");
  expect((await runCli(["inspect", digits], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout).not.toContain("\u001b");
});

it("downloads a model by its URL", async () => {
  const server = createServer((_request, response) => response.end(readFileSync(digits))).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const { code, stdout, stderr } = await runCli(["inspect", `http://127.0.0.1:${port}/digits.onnx`, "--json"]);
  server.close();
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ parameters: 105_866 });
  expect(stderr).toMatch(/^download http:/);
});

it.each([
  ["no such file", ["inspect", "none.onnx"], 1, /^✗ there is no model file at .*none\.onnx \(MODEL_NOT_FOUND\)\n$/],
  ["a file that is no model", ["inspect", "text.onnx"], 1, /^✗ the model file is not ONNX, or is cut off: .* \(MODEL_INVALID\)\n$/],
  ["a folder", ["inspect", "."], 1, /cannot be read: EISDIR/],
  ["no argument", ["inspect"], 2, /^✗ missing required argument 'model'\n +predikt inspect --help lists the options\n$/],
  ["an unknown option", ["inspect", "a.onnx", "--jsno"], 2, /unknown option '--jsno'\n\(Did you mean --json\?\)/],
  ["an unknown command", ["inspcet"], 2, /unknown command 'inspcet'\n\(Did you mean inspect\?\)/],
])("%s: one clear line on stderr, nothing on stdout", async (_what, args, code, stderr) => {
  const cwd = newFolder();
  writeFileSync(join(cwd, "text.onnx"), "this is no model at all");
  expect(await runCli(args, { cwd })).toEqual({ code, stdout: "", stderr: expect.stringMatching(stderr) });
});

it("shows the stack with --debug only", async () => {
  const plain = await runCli(["inspect", "none.onnx"]);
  expect(plain.stderr).not.toContain("    at ");
  expect((await runCli(["inspect", "none.onnx", "--debug"])).stderr).toMatch(/ {4}at [\s\S]*caused by Error: ENOENT/);
});

it("says that external data is missing or too short, and ends with 1", async () => {
  const cwd = newFolder();
  const weights = tensor("float32", new Float32Array(1024), [1024]);
  const proto = model(
    graph({
      nodes: [node("Add", ["x", "w"], ["y"])],
      inputs: [value("x", "float32", [1024])],
      outputs: [value("y", "float32", [1024])],
      initializers: [initializer("w", weights)],
    }),
  );
  const data = extractExternalData(proto, { location: "weights.bin" });
  writeFileSync(join(cwd, "big.onnx"), writeModel(proto));
  const missing = await runCli(["inspect", "big.onnx"], { cwd });
  expect(missing.code).toBe(1);
  expect(missing.stdout).toMatch(/✗ external data "weights.bin" is not beside the model/);
  writeFileSync(join(cwd, "weights.bin"), data.subarray(10));
  expect((await runCli(["inspect", "big.onnx"], { cwd })).stdout).toMatch(/expected 4096 bytes or more, got 4086/);
  writeFileSync(join(cwd, "weights.bin"), data);
  const whole = await runCli(["inspect", "big.onnx", "--json"], { cwd });
  expect(whole.code).toBe(0);
  expect(JSON.parse(whole.stdout).externalData).toEqual([{ location: "weights.bin", tensors: 1, needed: 4096, found: 4096 }]);
});
