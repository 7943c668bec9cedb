import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endAll, exampleFile, newFolder, runCli, startCli } from "../../../test/cli.ts";
import { npyOf } from "../../../test/npy.ts";

const digits = exampleFile("digits/digits.onnx");
const linear = exampleFile("linear-regression/linear.onnx");
const { pixels } = JSON.parse(readFileSync(exampleFile("digits/seven.json"), "utf8")) as { pixels: number[] };

const folder = newFolder();
let url: string;

beforeAll(async () => {
  const levels = Buffer.from(pixels.map((level) => Math.round(level * 255)));
  const seven = sharp(levels, { raw: { width: 28, height: 28, channels: 1 } });
  writeFileSync(join(folder, "seven.png"), await seven.png().toBuffer());
  writeFileSync(join(folder, "seven.npy"), npyOf("<f4", new Float32Array(pixels), [1, 1, 28, 28]));
  writeFileSync(join(folder, "seven.json"), JSON.stringify({ image: pixels }));
  [url] = await startCli(["serve", digits, "--port", "0", "--log", "off"]).said(/^http:\S+$/m);
});
afterAll(endAll);

/** The digit that an output's logits say. */
function digitOf(stdout: string): number {
  const { logits } = JSON.parse(stdout) as { logits: { data: number[] } };
  return logits.data.indexOf(Math.max(...logits.data));
}

describe("on a file", () => {
  it("takes JSON in the argument, in a file and on stdin, and prints one line of JSON", async () => {
    const argument = await runCli(["predict", linear, '{"x": [[3]]}']);
    expect(argument).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(argument.stdout)).toEqual({ y: { type: "float32", dims: [1, 1], data: [expect.closeTo(6, 2)] } });
    expect(argument.stdout.split("\n")).toHaveLength(2);
    expect(await runCli(["predict", linear], { input: '{"x": [[3]]}' })).toEqual(argument);
    expect(await runCli(["predict", linear, "-"], { input: '{"x": [[3]]}' })).toEqual(argument);
    const file = await runCli(["predict", digits, "seven.json"], { cwd: folder });
    expect(digitOf(file.stdout)).toBe(7);
  });

  it("takes an image as the signature wants it, and says on stderr what it made of it", async () => {
    const { code, stdout, stderr } = await runCli(["predict", digits, "seven.png"], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "image: 28 × 28 → [1, 1, 28, 28] float32, gray, NCHW, stretch; (level × 1/255 − 0) / 1\n",
    });
    expect(digitOf(stdout)).toBe(7);
  });

  it("takes an array of NumPy, by the input's name too", async () => {
    const { code, stdout } = await runCli(["predict", digits, "--npy", "image=seven.npy"], { cwd: folder });
    expect({ code, digit: digitOf(stdout) }).toEqual({ code: 0, digit: 7 });
  });

  it("--details tells more", async () => {
    const { stdout } = await runCli(["predict", linear, '{"x": [[3]]}', "--details", "--device", "cpu"]);
    expect(JSON.parse(stdout)).toMatchObject({ output: { y: {} }, device: "cpu", batchSize: 1, timings: { runMs: expect.any(Number) } });
  });
});

describe("on a server", () => {
  it.each([
    ["its default model", () => [url]],
    ["a model by option", () => [url, "--model", "digits", "--model-version", "1"]],
    ["the typed route's own address", () => [`${url}/predict/digits/labels/stable`]],
    ["OIP's address", () => [`${url}/v2/models/digits/versions/1`]],
    ["OIP by option", () => [url, "--protocol", "oip", "--model", "digits"]],
  ])("asks %s", async (_what, place) => {
    const [target = "", ...options] = place();
    const { code, stdout, stderr } = await runCli(["predict", target, "seven.json", ...options], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(digitOf(stdout)).toBe(7);
  });

  it("sends tensors of a file", async () => {
    for (const target of [url, `${url}/v2/models/digits`]) {
      const { stdout } = await runCli(["predict", target, "seven.npy"], { cwd: folder });
      expect(digitOf(stdout)).toBe(7);
    }
  });
});

describe("what cannot be predicted", () => {
  it.each<[string, (() => string[]) | string[], number, RegExp]>([
    ["no input", [linear], 2, /give an input: JSON such as/],
    ["JSON that is none", [linear, '{"x": '], 2, /the input is no JSON/],
    ["a file that is not there", [linear, "none.json"], 1, /none\.json cannot be read: ENOENT/],
    ["an array that is none", [digits, "--npy", "seven.json"], 1, /seven\.json: expected a \.npy file/],
    ["an input that the model has not", [digits, "--npy", "img=seven.npy"], 2, /the model has no input "img", but image/],
    ["two inputs", [digits, "seven.json", "--npy", "seven.npy"], 2, /not both/],
    [
      "a server's option with a file",
      [linear, '{"x": [[1]]}', "--label", "canary"],
      2,
      /--label is for a server; .*linear\.onnx is a file/,
    ],
    ["a wrong shape", [linear, '{"x": [[1, 2]]}'], 1, /INPUT_SHAPE/],
    ["a size that is none", [digits, "seven.png", "--resize", "big"], 2, /--resize: expected a size such as 224x224/],
    ["a model that the server has not", () => [url, "seven.json", "--model", "cats"], 1, /model "cats": not served here.*MODEL_NOT_FOUND/],
    ["OIP without a model", () => [url, "seven.json", "--protocol", "oip"], 2, /--model: a server that speaks OIP/],
    ["a server that is not there", ["http://127.0.0.1:9", "seven.json"], 1, /http:\/\/127\.0\.0\.1:9 does not answer: /],
    ["a header that is none", () => [url, "seven.json", "--header", "x"], 2, /expected "name: value"/],
  ])("%s", async (_what, args, code, stderr) => {
    const ended = await runCli(["predict", ...(typeof args === "function" ? args() : args)], { cwd: folder });
    expect(ended).toEqual({ code, stdout: "", stderr: expect.stringMatching(stderr) });
    expect(
      ended.stderr
        .trim()
        .split("\n")
        .filter((line) => !line.startsWith("image: ")),
    ).toHaveLength(1);
  });
});
