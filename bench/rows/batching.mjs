import { createPredictor } from "@predikt/node";
import { linear } from "../lib/definitions.mjs";
import { linearModel } from "../lib/models.mjs";
import { timePairs } from "../lib/pairs.mjs";
import { rawSession, Tensor } from "../lib/raw.mjs";

export default {
  name: "batching",
  what: "32 concurrent `predict` on the linear model with batching, against `Promise.all` of 32 raw runs: times faster",
  target: 4,
  atLeast: true,
  async measure({ quick }) {
    const session = await rawSession(linearModel);
    const predictor = await createPredictor(linear, {
      source: linearModel,
      device: "cpu",
      execution: "inline",
      batching: { maxBatchSize: 32 },
    });
    const inputs = Array.from({ length: 32 }, (_, i) => ({ x: i }));
    const { theirsMs, oursMs, ratio } = await timePairs(
      () => Promise.all(inputs.map(({ x }) => session.run({ x: new Tensor("float32", new Float32Array([x]), [1, 1]) }))),
      () => Promise.all(inputs.map((input) => predictor.predict(input))),
      quick ? { rounds: 3, calls: 5 } : { rounds: 61, calls: 50 },
    );
    await predictor.close();
    await session.release();
    return { ratio: 1 / ratio, rawUs: 1000 * theirsMs, oursUs: 1000 * oursMs };
  },
};
