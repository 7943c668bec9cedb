import { createRegistry } from "@predikt/core/registry";
import { createPredictor } from "@predikt/node";
import { linear } from "../lib/definitions.mjs";
import { linearModel } from "../lib/models.mjs";
import { timePairs } from "../lib/pairs.mjs";

export default {
  name: "registry",
  what: "a registry with one version against its predictor alone, linear model, inline: calls per second, leased and released as a handler does",
  target: 0.93,
  atLeast: true,
  async measure({ quick }) {
    const predictor = await createPredictor(linear, { source: linearModel, device: "cpu", execution: "inline" });
    const registry = createRegistry({ models: [predictor] });
    const ask = async () => {
      const lease = registry.lease("linear", {});
      try {
        return await lease.predictor.predict({ x: 3 });
      } finally {
        lease.release();
      }
    };
    const { theirsMs, oursMs, ratio } = await timePairs(
      () => predictor.predict({ x: 3 }),
      ask,
      quick ? { rounds: 3, calls: 50 } : { rounds: 61, calls: 1000 },
    );
    await registry.close();
    await predictor.close();
    return { ratio: 1 / ratio, bareUs: 1000 * theirsMs, registryUs: 1000 * oursMs };
  },
};
