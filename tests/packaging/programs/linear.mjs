import { tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";

/** y = 2x + 1 as the bytes of an ONNX file. */
export function linear() {
  const nodes = [node("Mul", ["x", "two"], ["twice"]), node("Add", ["twice", "one"], ["y"])];
  const inputs = [value("x", "float32", ["batch", 1])];
  const outputs = [value("y", "float32", ["batch", 1])];
  const initializers = [initializer("two", tensor("float32", [2])), initializer("one", tensor("float32", [1]))];
  return writeModel(model(graph({ nodes, inputs, outputs, initializers })));
}
