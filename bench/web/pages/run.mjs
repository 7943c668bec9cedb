import { tensor } from "@predikt/core";
import { createPredictor } from "@predikt/web";
import { timePairs } from "../../lib/pairs.mjs";
import { RawWorker } from "../lib/raw-worker.mjs";

const models = {
  linear: { input: "x", dims: [1, 1], size: 1 },
  digits: { input: "image", dims: [1, 1, 28, 28], size: 784 },
};

globalThis.measure = async ({ quick }) => {
  const results = {};
  for (const [model, { input, dims, size }] of Object.entries(models)) {
    const raw = new RawWorker();
    const session = await raw.open(`/models/${model}.onnx`);
    const predictor = await createPredictor({ source: `/models/${model}.onnx`, device: "wasm", threads: 1 });
    results[model] = await timePairs(
      () => raw.run(session, { [input]: { type: "float32", data: new Float32Array(size).fill(0.5), dims } }),
      () => predictor.run({ [input]: tensor("float32", new Float32Array(size).fill(0.5), dims) }),
      quick ? { rounds: 3, calls: 20 } : { rounds: 61, calls: 200 },
    );
    await predictor.close();
    raw.end();
  }
  return results;
};
