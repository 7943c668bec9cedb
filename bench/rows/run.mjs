import { tensor } from "@predikt/core";
import { createPredictor } from "@predikt/node";
import { linearModel } from "../lib/models.mjs";
import { timePairs } from "../lib/pairs.mjs";
import { rawSession, Tensor } from "../lib/raw.mjs";

export default {
  name: "run",
  what: "`run` on the linear model, inline, no batching, against raw `session.run` with a new Tensor per call: time",
  target: 1.35,
  async measure({ quick }) {
    const session = await rawSession(linearModel);
    const predictor = await createPredictor({ source: linearModel, device: "cpu", execution: "inline" });
    const { theirsMs, oursMs, ratio } = await timePairs(
      () => session.run({ x: new Tensor("float32", new Float32Array([3]), [1, 1]) }),
      () => predictor.run({ x: tensor("float32", new Float32Array([3]), [1, 1]) }),
      quick ? { rounds: 3, calls: 50 } : { rounds: 61, calls: 1000 },
    );
    await predictor.close();
    await session.release();
    return { ratio, rawUs: 1000 * theirsMs, oursUs: 1000 * oursMs };
  },
};
