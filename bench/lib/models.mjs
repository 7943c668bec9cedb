import { readFileSync } from "node:fs";
import { tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";

/** `y = 2x`, x float32 [batch, 1]. */
export const linearModel = writeModel(
  model(
    graph({
      nodes: [node("MatMul", ["x", "w"], ["product"]), node("Add", ["product", "b"], ["y"])],
      inputs: [value("x", "float32", ["batch", 1])],
      outputs: [value("y", "float32", ["batch", 1])],
      initializers: [initializer("w", tensor("float32", [2], [1, 1])), initializer("b", tensor("float32", [0]))],
    }),
  ),
);

/** The digit recogniser of examples/digits. */
export const digitsModel = new Uint8Array(readFileSync(new URL("../../examples/digits/digits.onnx", import.meta.url)));

/** Ten scores of an image, float32 [batch, 784] → [batch, 10]: one product, so that what carries the images is most of the work. */
export const scoresModel = writeModel(
  model(
    graph({
      nodes: [node("MatMul", ["image", "w"], ["scores"])],
      inputs: [value("image", "float32", ["batch", 784])],
      outputs: [value("scores", "float32", ["batch", 10])],
      initializers: [initializer("w", tensor("float32", new Float32Array(7840).fill(1 / 784), [784, 10]))],
    }),
  ),
);

/** Images of noise: what is in them does not change how long they take. */
export function images(count) {
  return Array.from({ length: count }, () => Float32Array.from({ length: 784 }, Math.random));
}

/** Multiplies x float32 [1, 512] by a matrix as often as `times` (int64 scalar) says. */
export const slowModel = slow();

function slow() {
  const size = 512;
  const body = graph({
    name: "body",
    nodes: [node("Identity", ["condition"], ["go_on"]), node("MatMul", ["state", "matrix"], ["next"])],
    inputs: [value("iteration", "int64", []), value("condition", "bool", []), value("state", "float32", [1, size])],
    outputs: [value("go_on", "bool", []), value("next", "float32", [1, size])],
  });
  return writeModel(
    model(
      graph({
        nodes: [node("Loop", ["times", "yes", "x"], ["y"], { body })],
        inputs: [value("x", "float32", [1, size]), value("times", "int64", [])],
        outputs: [value("y", "float32", [1, size])],
        initializers: [
          initializer("matrix", tensor("float32", new Float32Array(size * size).fill(1 / size), [size, size])),
          initializer("yes", tensor("bool", true)),
        ],
      }),
    ),
  );
}
