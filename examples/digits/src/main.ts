import { createPredictor } from "@predikt/node";
import { accuracyOn } from "./accuracy.ts";
import { digits } from "./definition.ts";
import { heldOutImages, type Labelled, picture } from "./images.ts";

const predictor = await createPredictor(digits, {
  source: new URL("../digits.onnx", import.meta.url),
  batching: { maxBatchSize: 64 },
  queueLimit: 2000,
});
const images = heldOutImages();

const one = images[1500] as Labelled;
const { digit, confidence } = await predictor.predict(one);
console.log(picture(one.pixels));
console.log(`\nThis is a ${digit}, with a confidence of ${percent(confidence)}. Its writer meant a ${one.digit}.\n`);

const started = performance.now();
const { total, perDigit } = await accuracyOn(images, predictor);
const ms = Math.round(performance.now() - started);
console.log(
  `Held-out accuracy: ${percent(total)} of ${images.length} images that training has not seen (${ms} ms, in batches of up to 64)`,
);
for (const [digit, share] of perDigit.entries()) console.log(`  ${digit}: ${percent(share)}`);
await predictor.close();

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
