import { graph, initializer, model, node, value, writeModel } from "../onnx/index.ts";
import { tensor } from "../tensor/index.ts";
import type { ContractModels } from "./contract.ts";

/** The models of the contract suite, as the bytes of ONNX files. */
export function contractModels(): { readonly [Name in keyof ContractModels]: Uint8Array } {
  return { linear: linear(), identity: identity(), gather: gather() };
}

/** `y = 2x + 1`, x float32 [batch, 1]. */
function linear(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("Mul", ["x", "two"], ["twice"]), node("Add", ["twice", "one"], ["y"])],
        inputs: [value("x", "float32", ["batch", 1])],
        outputs: [value("y", "float32", ["batch", 1])],
        initializers: [initializer("two", tensor("float32", [2])), initializer("one", tensor("float32", [1]))],
      }),
    ),
  );
}

/** Passes int64, bool, string and float16 through, each [n]. */
function identity(): Uint8Array {
  const types = ["int64", "bool", "string", "float16"] as const;
  return writeModel(
    model(
      graph({
        nodes: types.map((type) => node("Identity", [type], [`${type}_out`])),
        inputs: types.map((type) => value(type, type, ["n"])),
        outputs: types.map((type) => value(`${type}_out`, type, ["n"])),
      }),
    ),
  );
}

/**
 * Picks a row of a table by data int64 [1], and gives it data as its shape: 9 fails on the CPU since there is no such row, and on a GPU, which takes
 * the last one instead, since one element has no such shape.
 */
function gather(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("Gather", ["table", "data"], ["picked"]), node("Reshape", ["picked", "data"], ["row"])],
        inputs: [value("data", "int64", ["n"])],
        outputs: [value("row", "float32", ["m"])],
        initializers: [initializer("table", tensor("float32", [10, 20, 30, 40]))],
      }),
    ),
  );
}
