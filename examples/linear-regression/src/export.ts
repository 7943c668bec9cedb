import { tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";
import type { LayersModel } from "@tensorflow/tfjs";
import { epochs, weights } from "./train.ts";

/** The trained network as the bytes of an ONNX file: `x` float32 [batch, 1] → `y` float32 [batch, 1]. A dense layer is ONNX's Gemm. */
export function toOnnx(network: LayersModel): Uint8Array {
  const { kernel, bias } = weights(network);
  const line = graph({
    name: "linear",
    nodes: [node("Gemm", ["x", "kernel", "bias"], ["y"])],
    inputs: [value("x", "float32", ["batch", 1])],
    outputs: [value("y", "float32", ["batch", 1])],
    initializers: [initializer("kernel", tensor("float32", kernel, [1, 1])), initializer("bias", tensor("float32", bias, [1]))],
  });
  const metadata = {
    name: "linear",
    task: "regression",
    description: "y = 2x, learnt from (1,2), (2,4), (3,6), (4,8), (5,10)",
    trainedWith: "TensorFlow.js: dense layer, mean squared error, Adam",
    epochs: String(epochs),
  };
  return writeModel(model(line, { metadata, producer: "predikt example" }));
}
