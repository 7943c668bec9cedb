// Loads, predicts and closes as often as it is told, and prints by how many MB the process has grown.
import { createPredictor } from "@predikt/node";
import { digits } from "../lib/definitions.mjs";
import { digitsModel, images } from "../lib/models.mjs";

const [, , execution, count] = process.argv;
const [pixels] = images(1);

async function once() {
  const predictor = await createPredictor(digits, { source: digitsModel, device: "cpu", execution });
  await predictor.predict({ pixels });
  await predictor.close();
}

async function settledMb() {
  // What a first collection finds may only be freed by the next.
  for (let round = 0; round < 3; round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage.rss() / 2 ** 20;
}

for (let i = 0; i < 20; i++) await once();
const before = await settledMb();
for (let i = 0; i < Number(count); i++) await once();
console.log((await settledMb()) - before);
