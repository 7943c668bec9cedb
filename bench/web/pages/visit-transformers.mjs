import { pixels, shape } from "../lib/photo.mjs";
import { Tensor, transformersModel } from "../lib/transformers-model.mjs";

/** Milliseconds from the navigation to the first prediction. */
globalThis.firstPrediction = (async () => {
  const model = await transformersModel();
  await model({ pixel_values: new Tensor("float32", pixels(), shape) });
  return performance.now();
})();
