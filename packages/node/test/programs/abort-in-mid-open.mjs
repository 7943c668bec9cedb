// Gives up a load while the runtime opens the model: node abort-in-mid-open.mjs <model> <device> <execution>
import { createPredictor } from "@predikt/node";

const [source, device, execution] = process.argv.slice(2);
const controller = new AbortController();
setTimeout(() => controller.abort("enough"), 700);
const limits = { maxTensorBytes: 2 ** 40 };
await createPredictor({ source, device, execution, limits, signal: controller.signal }).catch((reason) => console.log(reason));
