// Exits with code 7 while a run is under way in a worker thread: node exit-in-mid-run.mjs <model> [device] [rounds]
import { readFileSync } from "node:fs";
import { createPredictor } from "@predikt/node";

const predictor = await createPredictor({
  source: new Uint8Array(readFileSync(process.argv[2])),
  device: process.argv[3] ?? "cpu",
  execution: "worker",
  warmup: false,
});
const x = { type: "float32", data: new Float32Array(256), dims: [1, 256] };
const times = (count) => ({ type: "int64", data: new BigInt64Array([count]), dims: [] });
predictor.run({ x, times: times(BigInt(process.argv[4] ?? 40_000)) });
setTimeout(() => process.exit(7), 50);
