import { tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";

/** Adds 1 to x float32 [1], n int64 [] times: how long a run takes is its input's choice. */
export function counting(): Uint8Array {
  const body = graph({
    name: "body",
    nodes: [node("Identity", ["condition"], ["go_on"]), node("Add", ["before", "one"], ["after"])],
    inputs: [value("iteration", "int64", []), value("condition", "bool", []), value("before", "float32", [1])],
    outputs: [value("go_on", "bool", []), value("after", "float32", [1])],
  });
  return writeModel(
    model(
      graph({
        nodes: [node("Loop", ["n", "yes", "x"], ["y"], { body })],
        inputs: [value("n", "int64", []), value("x", "float32", [1])],
        outputs: [value("y", "float32", [1])],
        initializers: [initializer("one", tensor("float32", [1])), initializer("yes", tensor("bool", true))],
      }),
    ),
  );
}

/** Sums n int64 [1] zeros, twice over: a run takes 16 n bytes. */
export function allocating(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [
          node("ConstantOfShape", ["n"], ["zeros"]),
          node("Add", ["zeros", "zeros"], ["twice"]),
          node("Concat", ["zeros", "twice"], ["all"], { axis: 0 }),
          node("ReduceSum", ["all"], ["sum"], { keepdims: 0 }),
        ],
        inputs: [value("n", "int64", [1])],
        outputs: [value("sum", "float32", [])],
      }),
    ),
  );
}
