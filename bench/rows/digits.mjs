import { createPredictor } from "@predikt/node";
import { digits } from "../lib/definitions.mjs";
import { digitsModel, images } from "../lib/models.mjs";
import { timePairs } from "../lib/pairs.mjs";
import { rawSession, Tensor } from "../lib/raw.mjs";

export default {
  name: "digits",
  what: "digits definition, 64 concurrent `predict` of typed arrays with batching, against 64 sequential raw runs at one thread: times faster",
  target: 1.6,
  atLeast: true,
  async measure({ quick }) {
    const session = await rawSession(digitsModel);
    const predictor = await createPredictor(digits, {
      source: digitsModel,
      device: "cpu",
      execution: "inline",
      batching: { maxBatchSize: 32 },
    });
    const all = images(64);
    const { theirsMs, oursMs, ratio } = await timePairs(
      async () => {
        for (const pixels of all) await session.run({ image: new Tensor("float32", pixels, [1, 1, 28, 28]) });
      },
      () => Promise.all(all.map((pixels) => predictor.predict({ pixels }))),
      quick ? { rounds: 3, calls: 2 } : { rounds: 61, calls: 10 },
    );
    await predictor.close();
    await session.release();
    return { ratio: 1 / ratio, rawUs: 1000 * theirsMs, oursUs: 1000 * oursMs };
  },
};
