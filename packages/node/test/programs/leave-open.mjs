// Predicts and ends without closing anything.
import { readFileSync } from "node:fs";
import { createPredictor } from "@predikt/node";

const source = new Uint8Array(readFileSync(process.argv[2]));
for (const execution of ["inline", "worker", "process"]) {
  const predictor = await createPredictor({ source, device: "cpu", execution });
  const { y } = await predictor.run({ x: [[3]] });
  console.log(execution, y.data[0]);
}
