import { checkModel } from "@predikt/core/onnx";
import { expect, it } from "vitest";
import { smallestModel } from "./smallest-model.ts";

it("is a model that gives x float32 [1] as y", () => {
  expect(checkModel(smallestModel()).inspection.signature).toEqual({
    inputs: [expect.objectContaining({ name: "x", dtype: "float32", shape: [1] })],
    outputs: [expect.objectContaining({ name: "y", dtype: "float32", shape: [1] })],
  });
});
