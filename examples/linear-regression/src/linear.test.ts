import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectModel } from "@predikt/core/onnx";
import { createPredictor } from "@predikt/node";
import * as tf from "@tensorflow/tfjs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasCurl, pasteReadme } from "../../test-support/curl.ts";
import { post } from "../../test-support/http.ts";
import { endAll, startScript } from "../../test-support/program.ts";
import { compare } from "./check.ts";
import { line } from "./definition.ts";
import { toOnnx } from "./export.ts";
import { epochs, train, weights } from "./train.ts";

const folder = mkdtempSync(join(tmpdir(), "predikt-linear-"));
afterEach(endAll);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("training and export", () => {
  const losses: number[] = [];
  let network: tf.LayersModel;

  beforeAll(async () => {
    network = await train((epoch, loss) => {
      losses[epoch - 1] = loss;
    });
  });

  it("learns y = 2x, and tells the loss of every epoch", () => {
    expect(losses).toHaveLength(epochs);
    expect(losses[0]).toBeGreaterThan(1);
    expect(losses.at(-1)).toBeLessThan(1e-5);
    const { kernel, bias } = weights(network);
    expect(kernel[0]).toBeCloseTo(2, 2);
    expect(bias[0]).toBeCloseTo(0, 2);
  });

  it("exports what the network says, and refuses a file that says something else", async () => {
    expect(await compare(network, toOnnx(network))).toBeLessThanOrEqual(1e-5);
    const other = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    await expect(compare(network, toOnnx(other))).rejects.toThrow(/differs from the trained network by [\d.]+/);
  });

  it("writes its name, its task and how it was trained into the file", () => {
    const { metadata, signature } = inspectModel(toOnnx(network));
    expect(metadata).toMatchObject({ name: "linear", task: "regression", epochs: "400" });
    expect(metadata["trainedWith"]).toContain("TensorFlow.js");
    expect(signature.inputs).toEqual([{ name: "x", dtype: "float32", shape: ["batch", 1] }]);
  });

  it("gives the file that lies in this folder", async () => {
    await expect(compare(network, new URL("../linear.onnx", import.meta.url))).resolves.toBeLessThanOrEqual(1e-5);
  });
});

it("npm run train says what it does in a few plain lines where there is no terminal", async () => {
  const file = join(folder, "new.onnx");
  const program = startScript("linear-regression", "train", { args: [file] });
  expect(await program.ended).toBe(0);
  expect(program.stderr()).toBe("");
  expect(program.stdout().split("\n")).toEqual([
    "Training on (1,2), (2,4), (3,6), (4,8), (5,10)",
    ...[80, 160, 240, 320, 400].map((epoch) => expect.stringMatching(new RegExp(`^  epoch ${epoch} of 400, loss [\\d.e-]+$`))),
    expect.stringMatching(/^Trained: y = (2\.00|1\.99)\d\d · x \+ -?0\.00\d\d$/),
    expect.stringContaining(`Exported: ${file}`),
    expect.stringMatching(/^Checked: file and network differ by at most /),
    "",
  ]);
  const predictor = await createPredictor(line, { source: readFileSync(file) });
  expect((await predictor.predict({ x: 3 })).y).toBeCloseTo(6, 2);
  await predictor.close();
});

it("npm start answers POST /api/predict with about 6", async () => {
  const program = startScript("linear-regression", "start");
  const [, origin = ""] = await program.said(/(http:\/\/127\.0\.0\.1:\d+)/);
  const { status, json } = await post(`${origin}/api/predict`, { x: 3 });
  expect(status).toBe(200);
  expect((json as { y: number }).y).toBeCloseTo(6, 2);
  if (hasCurl) expect(await pasteReadme("linear-regression", origin)).toEqual([{ y: expect.closeTo(6, 2) }]);
  program.child.kill("SIGINT");
  expect(await program.ended).toBe("SIGINT");
  expect(program.stderr()).toBe("");
});
