import { tensor } from "@predikt/core";
import { createPredictor } from "@predikt/web";
import { timePairs } from "../../lib/pairs.mjs";
import { pixels, shape, source } from "../lib/photo.mjs";
import { Tensor, transformersModel } from "../lib/transformers-model.mjs";

globalThis.measure = async ({ quick }) => {
  const model = await transformersModel();
  const predictor = await createPredictor({ source, device: "wasm", threads: 1 });
  const image = pixels();
  const [{ logits: theirs }, { logits: ours }] = [
    await model({ pixel_values: new Tensor("float32", image, shape) }),
    await predictor.run({ pixel_values: tensor("float32", image, shape) }),
  ];
  if (ours.data.some((value, index) => Math.abs(value - theirs.data[index]) > 1e-4)) throw new Error("the two give different results");
  const figures = await timePairs(
    () => model({ pixel_values: new Tensor("float32", image, shape) }),
    () => predictor.run({ pixel_values: tensor("float32", image, shape) }),
    quick ? { rounds: 3, calls: 3 } : { rounds: 61, calls: 10 },
  );
  await predictor.close();
  return figures;
};
