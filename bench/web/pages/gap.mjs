import { defineModel, tensor } from "@predikt/core";
import { nonMaxSuppression } from "@predikt/core/postprocess";
import { createPredictor } from "@predikt/web";
import { z } from "zod";
import { median } from "../../lib/pairs.mjs";
import { rawSession, Tensor } from "../lib/raw-session.mjs";
import { RawWorker } from "../lib/raw-worker.mjs";

const source = "/models/detector.onnx";
const pixels = Float32Array.from({ length: 3 * 320 * 320 }, Math.random);
/** Milliseconds that one run of the model takes. */
const runMs = 250;

globalThis.measure = async ({ quick }) => {
  const raw = await rawSession(source, globalThis.runtimeFiles);
  const onThread = (times) =>
    raw.run({ x: new Tensor("float32", pixels, [1, 3, 320, 320]), times: new Tensor("int64", new BigInt64Array([times]), []) });
  const times = await timesFor(onThread);
  const predictor = await createPredictor(detector(times), { source, device: "wasm", threads: 1, warmup: false });
  const worker = new RawWorker();
  const session = await worker.open(source);
  const subjects = {
    ours: () => predictor.predict(pixels),
    // The same work beside a page that does nothing: what other programs on the machine add.
    bare: () =>
      worker.run(session, {
        x: { type: "float32", data: pixels, dims: [1, 3, 320, 320] },
        times: { type: "int64", data: new BigInt64Array([times]), dims: [] },
      }),
    raw: async () => decode(await onThread(times)),
  };
  const gaps = { ours: [], bare: [], raw: [] };
  for (let round = 0; round < (quick ? 1 : 15); round++) {
    for (const name of round % 2 === 0 ? ["ours", "bare", "raw"] : ["raw", "bare", "ours"]) {
      await subjects[name]();
      gaps[name].push(await longestGapDuring(subjects[name], quick ? 2 : 6));
    }
  }
  await predictor.close();
  worker.end();
  const figures = Object.fromEntries(Object.entries(gaps).map(([name, all]) => [`${name}Ms`, median(all)]));
  return { ...figures, worstMs: Math.max(...gaps.ours), bareWorstMs: Math.max(...gaps.bare), decodeMs: decodeMs(await onThread(times)) };
};

function detector(times) {
  return defineModel({
    name: "detector",
    input: z.instanceof(Float32Array),
    output: z.array(z.object({ index: z.number(), score: z.number(), classIndex: z.number().optional(), box: z.unknown() })),
    encode: (x) => ({ x: tensor("float32", x, [1, 3, 320, 320]), times: tensor("int64", times) }),
    decode,
    example: pixels,
  });
}

/** As for YOLO: the best class of each place, and of the boxes that overlap the best. */
function decode({ y: { data } }) {
  const places = 1600;
  const boxes = new Float32Array(4 * places);
  const scores = new Float32Array(places).fill(-Infinity);
  const classes = new Uint8Array(places);
  for (let place = 0; place < places; place++) {
    for (let side = 0; side < 4; side++) boxes[4 * place + side] = 160 + 80 * data[side * places + place];
    for (let of = 0; of < 80; of++) {
      const score = data[(4 + of) * places + place];
      if (score <= scores[place]) continue;
      scores[place] = score;
      classes[place] = of;
    }
  }
  return nonMaxSuppression(boxes, scores, { format: "cxcywh", classes, maxBoxes: 300 });
}

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
