import { pixels, shape, source } from "../lib/photo.mjs";
import { rawSession, Tensor } from "../lib/raw-session.mjs";

/** Milliseconds from the navigation to the first prediction. */
globalThis.firstPrediction = (async () => {
  const session = await rawSession(source, globalThis.runtimeFiles);
  await session.run({ pixel_values: new Tensor("float32", pixels(), shape) });
  return performance.now();
})();
