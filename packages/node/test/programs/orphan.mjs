// Starts an endless run in a child process, prints the child's id and is killed.
import { readFileSync } from "node:fs";
import { createPredictor } from "@predikt/node";

const predictor = await createPredictor({
  source: new Uint8Array(readFileSync(process.argv[2])),
  device: "cpu",
  execution: "process",
  warmup: false,
});
const x = { type: "float32", data: new Float32Array(256), dims: [1, 256] };
predictor.run({ x, times: { type: "int64", data: new BigInt64Array([2n ** 62n]), dims: [] } }).catch(() => {});
console.log(predictor.info.details.pids[0]);
