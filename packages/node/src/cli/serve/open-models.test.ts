import { expect, it } from "vitest";
import { nameOf } from "./open-models.ts";

it("a file's model has the file's name, as far as a URL's segment takes it", () => {
  const names = [
    "mnist_cnn.onnx",
    "/a/b/my model (1).onnx",
    "https://example.com/m%20x/resnet-50.v2.ONNX?x=1",
    "/a/..onnx",
    ".onnx",
    "https://example.com/%zz.onnx",
  ];
  expect(names.map(nameOf)).toEqual(["mnist_cnn", "my_model_1_", "resnet-50.v2", "model", "model", "_zz"]);
});
