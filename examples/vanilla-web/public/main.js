import { defineModel } from "@predikt/core";
import { argmax, softmax } from "@predikt/core/postprocess";
import { createPredictor } from "@predikt/web";
import { toImageTensor } from "@predikt/web/image";

const [pad, answer, where] = ["pad", "answer", "where"].map((id) => document.getElementById(id));

const digits = defineModel({
  name: "digits",
  input: anything(),
  output: anything(),
  // The drawing is brought from 280 × 280 to the 28 × 28 that the model takes.
  encode: async ({ image }) => ({ image: await toImageTensor(image, { width: 28, height: 28, colors: "gray" }) }),
  decode: ({ logits }) => {
    const probabilities = softmax(logits);
    const digit = argmax(probabilities);
    return { digit, confidence: probabilities[digit] };
  },
  example: { image: new ImageData(28, 28) },
});

const context = pad.getContext("2d", { willReadFrequently: true });
clear();
const predictor = await createPredictor(digits, {
  source: "/models/digits.onnx",
  onProgress: ({ phase, ratio }) => {
    answer.textContent = `Loading: ${phase}${ratio === undefined ? "" : ` ${Math.round(ratio * 100)} %`} …`;
  },
});
const { device, skipped } = predictor.info;
where.textContent = [`It runs on ${device}.`, ...skipped.map((other) => `Not on ${other.device}: ${other.reason}.`)].join(" ");
answer.textContent = "Draw something.";

pad.addEventListener("pointerdown", (event) => {
  pad.setPointerCapture(event.pointerId);
  context.beginPath();
  context.moveTo(...at(event));
});
pad.addEventListener("pointermove", (event) => {
  if (!pad.hasPointerCapture(event.pointerId)) return;
  context.lineTo(...at(event));
  context.stroke();
});
pad.addEventListener("pointerup", read);
document.getElementById("clear").addEventListener("click", () => {
  clear();
  answer.textContent = "Draw something.";
});
document.getElementById("seven").addEventListener("click", () => {
  clear();
  context.beginPath();
  for (const point of [
    [85, 70],
    [195, 70],
    [130, 220],
  ])
    context.lineTo(...point);
  context.stroke();
  return read();
});

async function read() {
  try {
    const { digit, confidence } = await predictor.predict({ image: pad });
    answer.textContent = `It reads a ${digit}, ${(confidence * 100).toFixed(1)} % sure.`;
  } catch (error) {
    answer.textContent = error.message;
  }
}

function clear() {
  context.fillStyle = "#000";
  context.fillRect(0, 0, pad.width, pad.height);
  Object.assign(context, { strokeStyle: "#fff", lineWidth: 24, lineCap: "round", lineJoin: "round" });
}

function at({ offsetX, offsetY }) {
  return [(offsetX / pad.clientWidth) * pad.width, (offsetY / pad.clientHeight) * pad.height];
}

/** A Standard Schema that takes everything: any schema library that speaks it, zod for one, does better. */
function anything() {
  return { "~standard": { version: 1, vendor: "example", validate: (value) => ({ value }) } };
}
