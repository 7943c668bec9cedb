import { missingChromium } from "./lib/chromium.mjs";
import { measureIn } from "./lib/visit.mjs";

export default {
  name: "web-gap",
  what: "longest gap in ms between two turns of the page's thread while a detector of 250 ms is predicted again and again, encoding and decoding included, on the page or with `worker.definitions`, the larger of the two; the median of 15 rounds of 6",
  target: 16,
  unit: "ms",
  inBrowser: true,
  missing: missingChromium,
  async measure({ quick }) {
    const { oursMs, hostedMs, rawMs, bareMs, ...figures } = await measureIn("gap", { quick });
    return {
      ratio: Math.max(oursMs, hostedMs),
      definitionOnThePageMs: oursMs,
      definitionInAWorkerMs: hostedMs,
      rawOnThePagesThreadMs: rawMs,
      rawInABareWorkerMs: bareMs,
      ...figures,
    };
  },
};
