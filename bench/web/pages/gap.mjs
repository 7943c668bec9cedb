import { createPredictor } from "@predikt/web";
import { median } from "../../lib/pairs.mjs";
import { decode, detector, pixels } from "../lib/detector.mjs";
import { rawSession, Tensor } from "../lib/raw-session.mjs";
import { RawWorker } from "../lib/raw-worker.mjs";

const source = "/models/detector.onnx";
/** Milliseconds that one run of the model takes. */
const runMs = 250;

globalThis.measure = async ({ quick }) => {
  const raw = await rawSession(source, globalThis.runtimeFiles);
  const onThread = (times) =>
    raw.run({ x: new Tensor("float32", pixels, [1, 3, 320, 320]), times: new Tensor("int64", new BigInt64Array([times]), []) });
  const times = await timesFor(onThread);
  const options = { source, device: "wasm", threads: 1, warmup: false };
  const predictor = await createPredictor(detector, options);
  const definitions = () => new Worker(new URL("../lib/detector-worker.mjs", import.meta.url), { type: "module" });
  const hosting = await createPredictor(detector, { ...options, worker: { definitions } });
  const worker = new RawWorker();
  const session = await worker.open(source);
  const subjects = {
    ours: () => predictor.predict({ pixels, times }),
    hosted: () => hosting.predict({ pixels, times }),
    // The same work beside a page that does nothing: what other programs on the machine add.
    bare: () =>
      worker.run(session, {
        x: { type: "float32", data: pixels, dims: [1, 3, 320, 320] },
        times: { type: "int64", data: new BigInt64Array([times]), dims: [] },
      }),
    raw: async () => decode(await onThread(times)),
  };
  const gaps = { ours: [], hosted: [], bare: [], raw: [] };
  for (let round = 0; round < (quick ? 1 : 15); round++) {
    for (const name of round % 2 === 0 ? ["ours", "hosted", "bare", "raw"] : ["raw", "bare", "hosted", "ours"]) {
      await subjects[name]();
      gaps[name].push(await longestGapDuring(subjects[name], quick ? 2 : 6));
    }
  }
  await Promise.all([predictor.close(), hosting.close()]);
  worker.end();
  const figures = Object.fromEntries(Object.entries(gaps).map(([name, all]) => [`${name}Ms`, median(all)]));
  return { ...figures, worstMs: Math.max(...gaps.ours), bareWorstMs: Math.max(...gaps.bare), decodeMs: decodeMs(await onThread(times)) };
};

function decodeMs(outputs) {
  const started = performance.now();
  for (let i = 0; i < 10; i++) decode(outputs);
  return (performance.now() - started) / 10;
}

/** How often the model must loop for a run to take long enough. */
async function timesFor(run) {
  await run(10n);
  const started = performance.now();
  await run(100n);
  return BigInt(Math.ceil((100 * runMs) / (performance.now() - started)));
}

/** The longest time between two turns of this thread, in milliseconds, while something is done some times over. */
async function longestGapDuring(work, calls) {
  let longest = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  for (let i = 0; i < calls; i++) await work();
  // A turn that is due when the last run ends has waited for it too.
  await new Promise((resolve) => setTimeout(resolve, 10));
  clearInterval(timer);
  return longest;
}
