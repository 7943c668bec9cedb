import { pixels, shape, source } from "../lib/photo.mjs";
import { RawWorker } from "../lib/raw-worker.mjs";

/** Milliseconds from the navigation to the first prediction. */
globalThis.firstPrediction = (async () => {
  const worker = new RawWorker();
  const session = await worker.open(source);
  await worker.run(session, { pixel_values: { type: "float32", data: pixels(), dims: shape } });
  return performance.now();
})();
