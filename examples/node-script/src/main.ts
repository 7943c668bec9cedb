import { readFile } from "node:fs/promises";
import { tensor } from "@predikt/core";
import { digits } from "@predikt/example-digits/definition";
import { createPredictor } from "@predikt/node";

// Raw: the model says itself which tensors it takes; nothing else is needed.
const line = await createPredictor({ source: new URL("../../linear-regression/linear.onnx", import.meta.url) });
console.log("inputs ", line.info.signature.inputs);
console.log("outputs", line.info.signature.outputs);

const { y } = await line.run({ x: tensor("float32", [1, 2, 3], [3, 1]) });
console.log("tensors in:      ", y?.dims, y?.data);
const { y: again } = await line.run({ x: [[10], [20]] });
console.log("nested arrays in:", again?.dims, again?.data);
await line.close();

// Typed: the definition takes what the application has, and gives what it wants.
const reader = await createPredictor(digits, { source: new URL("../../digits/digits.onnx", import.meta.url) });
const seven = JSON.parse(await readFile(new URL("../../digits/seven.json", import.meta.url), "utf8")) as { pixels: number[] };
const { digit, confidence } = await reader.predict(seven);
console.log(`a handwritten 7 in: ${digit}, with a confidence of ${confidence.toFixed(4)}`);

const { model, device, timings } = await reader.predictDetailed(seven);
console.log(
  `${model.name} ${model.version} on ${device}: ${timings.totalMs.toFixed(2)} ms, of which the model ran ${timings.runMs.toFixed(2)} ms`,
);
await reader.close();
