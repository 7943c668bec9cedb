import { missingChromium } from "./lib/chromium.mjs";
import { measureIn } from "./lib/visit.mjs";

export default {
  name: "web-run",
  what: "what a call of `run` takes more, in ms, than raw onnxruntime-web with the same WebAssembly in a bare worker; the larger of the linear model and the digits",
  target: 0.1,
  unit: "ms",
  inBrowser: true,
  missing: missingChromium,
  async measure({ quick }) {
    const { linear, digits } = await measureIn("run", { quick });
    return {
      ratio: Math.max(linear.addedMs, digits.addedMs),
      linearAddedMs: linear.addedMs,
      linearRawMs: linear.theirsMs,
      digitsAddedMs: digits.addedMs,
      digitsRawMs: digits.theirsMs,
    };
  },
};
