import { createPredictor } from "@predikt/web";
import { digits } from "../../lib/definitions.mjs";

globalThis.measure = async ({ times }) => {
  for (let i = 0; i < times; i++) {
    const predictor = await createPredictor(digits, { source: "/models/digits.onnx", device: "wasm", threads: 1 });
    await predictor.predict({ pixels: new Float32Array(784) });
    await predictor.close();
  }
};
