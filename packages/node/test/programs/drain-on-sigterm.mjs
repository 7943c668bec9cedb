// Runs something long; on SIGTERM it closes the predictor, which waits for the run.
import { readFileSync } from "node:fs";
import { createPredictor } from "@predikt/node";

const predictor = await createPredictor({
  source: new Uint8Array(readFileSync(process.argv[2])),
  device: "cpu",
  execution: process.argv[3],
  warmup: false,
});
const x = { type: "float32", data: new Float32Array(256).fill(1), dims: [1, 256] };
predictor
  .run({ x, times: { type: "int64", data: new BigInt64Array([20_000n]), dims: [] } })
  .then(({ y }) => console.log("answered", y.dims.join()));
process.once("SIGTERM", async () => {
  await predictor.close();
  console.log("closed");
});
console.log("running");
