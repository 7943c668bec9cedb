import { createRegistry } from "@predikt/core/registry";
import { createPredictor } from "@predikt/node";
import { linear } from "../lib/definitions.mjs";
import { linearModel } from "../lib/models.mjs";
import { timePairs } from "../lib/pairs.mjs";

/** One version and nothing watched: what a lease costs beside the call that it is for. 8 calls at once, as a busy server has. */
export default {
  name: "registry",
  what: "`predict` through a registry of one version, against the bare predictor: speed",
  target: 0.93,
  atLeast: true,
  async measure({ quick }) {
    const predictor = await createPredictor(linear, { source: linearModel, device: "cpu", execution: "inline" });
    const registry = createRegistry();
    await registry.setVersions(linear.name, [{ version: predictor.info.version, open: async () => predictor }]);
    const leased = registry.predictor(linear.name);
    const inputs = Array.from({ length: 8 }, (_, i) => ({ x: i }));
    const all = (by) => () => Promise.all(inputs.map((input) => by.predict(input)));
    const { theirsMs, oursMs, ratio } = await timePairs(
      all(predictor),
      all(leased),
      quick ? { rounds: 3, calls: 10 } : { rounds: 101, calls: 100 },
    );
    await registry.close();
    return { ratio: 1 / ratio, bareUs: (1000 * theirsMs) / 8, registryUs: (1000 * oursMs) / 8 };
  },
};
