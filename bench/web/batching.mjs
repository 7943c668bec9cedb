import { missingChromium } from "./lib/chromium.mjs";
import { measureIn } from "./lib/visit.mjs";

export default {
  name: "web-batching",
  what: "32 concurrent `predict` on the linear model with batching, on WASM in a worker, against one after another without: times faster",
  target: 4,
  atLeast: true,
  inBrowser: true,
  missing: missingChromium,
  async measure({ quick }) {
    const { theirsMs, oursMs, ratio } = await measureIn("batching", { quick });
    return { ratio: 1 / ratio, oneByOneMs: theirsMs, batchedMs: oursMs };
  },
};
