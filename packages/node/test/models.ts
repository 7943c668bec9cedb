import { tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";

/** Multiplies x float32 [batch, 256] by a 256 × 256 matrix `times` times: a run takes as long as it is asked to. times is an int64 scalar. */
export function slow(): Uint8Array {
  const size = 256;
  const matrix = tensor("float32", new Float32Array(size * size).fill(1 / size), [size, size]);
  const body = graph({
    name: "body",
    nodes: [node("Identity", ["condition"], ["go_on"]), node("MatMul", ["state", "matrix"], ["next"])],
    inputs: [value("iteration", "int64", []), value("condition", "bool", []), value("state", "float32", ["batch", size])],
    outputs: [value("go_on", "bool", []), value("next", "float32", ["batch", size])],
  });
  return writeModel(
    model(
      graph({
        nodes: [node("Loop", ["times", "yes", "x"], ["y"], { body })],
        inputs: [value("x", "float32", ["batch", size]), value("times", "int64", [])],
        outputs: [value("y", "float32", ["batch", size])],
        initializers: [initializer("matrix", matrix), initializer("yes", tensor("bool", true))],
      }),
    ),
  );
}

/** `y = x · matrix`, x float32 [batch, 256]: no loop, but the more rows the longer. */
export function wide(): Uint8Array {
  const size = 256;
  const matrix = tensor("float32", new Float32Array(size * size).fill(1 / size), [size, size]);
  return writeModel(
    model(
      graph({
        nodes: [node("MatMul", ["x", "matrix"], ["y"])],
        inputs: [value("x", "float32", ["batch", size])],
        outputs: [value("y", "float32", ["batch", size])],
        initializers: [initializer("matrix", matrix)],
      }),
    ),
  );
}

/** A small file that takes a runtime minutes to open: it computes the products of constants, 2048 × 2048 each, beforehand. */
export function slowToOpen(): Uint8Array {
  const products = Array.from({ length: 400 }, (_, i) => node("MatMul", [`m${i}`, "m0"], [`m${i + 1}`]));
  const half = tensor("float32", [0.5], [1]);
  return writeModel(
    model(
      graph({
        nodes: [
          node("ConstantOfShape", ["shape"], ["m0"], { value: half }),
          ...products,
          node("ReduceSum", [`m${products.length}`], ["sum"], { keepdims: 0 }),
          node("Add", ["x", "sum"], ["y"]),
        ],
        inputs: [value("x", "float32", ["batch"])],
        outputs: [value("y", "float32", ["batch"])],
        initializers: [initializer("shape", tensor("int64", [2048, 2048]))],
      }),
    ),
  );
}

/** Allocates as many float32 zeros as its input says: n int64 [1]. */
export function allocator(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("ConstantOfShape", ["n"], ["zeros"]), node("ReduceSum", ["zeros"], ["sum"], { keepdims: 0 })],
        inputs: [value("n", "int64", [1])],
        outputs: [value("sum", "float32", [])],
      }),
    ),
  );
}
