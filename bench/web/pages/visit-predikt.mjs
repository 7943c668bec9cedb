import { tensor } from "@predikt/core";
import { createPredictor } from "@predikt/web";
import { pixels, shape, source } from "../lib/photo.mjs";

/** Milliseconds from the navigation to the first prediction. */
globalThis.firstPrediction = (async () => {
  const sha256 = new URLSearchParams(location.search).get("sha256") ?? undefined;
  const predictor = await createPredictor({ source, sha256, device: "wasm", threads: 1, warmup: false });
  await predictor.run({ pixel_values: tensor("float32", pixels(), shape) });
  return performance.now();
})();
