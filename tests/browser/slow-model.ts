import { tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";

/** Adds 1 to x float32 [1], n int64 [] times over: how long a run takes is its input's choice. */
export function countingModel(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [
          node("Loop", ["n", "", "x"], ["y"], {
            body: graph({
              nodes: [node("Identity", ["go"], ["goOn"]), node("Add", ["before", "one"], ["after"])],
              inputs: [value("i", "int64", []), value("go", "bool", []), value("before", "float32", [1])],
              outputs: [value("goOn", "bool", []), value("after", "float32", [1])],
              initializers: [initializer("one", tensor("float32", [1]))],
            }),
          }),
        ],
        inputs: [value("n", "int64", []), value("x", "float32", [1])],
        outputs: [value("y", "float32", [1])],
      }),
    ),
  );
}
