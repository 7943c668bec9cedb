import { createPredictor } from "@predikt/web";
import { linear } from "../../lib/definitions.mjs";
import { timePairs } from "../../lib/pairs.mjs";

globalThis.measure = async ({ quick }) => {
  const options = { source: "/models/linear.onnx", device: "wasm", threads: 1 };
  const single = await createPredictor(linear, { ...options, batching: false });
  const batched = await createPredictor(linear, { ...options, batching: { maxBatchSize: 32 } });
  const inputs = Array.from({ length: 32 }, (_, i) => ({ x: i }));
  const figures = await timePairs(
    async () => {
      for (const input of inputs) await single.predict(input);
    },
    () => Promise.all(inputs.map((input) => batched.predict(input))),
    quick ? { rounds: 3, calls: 3 } : { rounds: 61, calls: 20 },
  );
  await Promise.all([single.close(), batched.close()]);
  return figures;
};
