import { expect, it } from "vitest";
import { openError, runError } from "./translate-error.ts";

const codeOf = (text: string): string => openError(new Error(text)).code;

it.each([
  ["Failed to load model because protobuf parsing failed.", "MODEL_INVALID"],
  ["Load model from /m.onnx failed:This is an invalid model. Error: Duplicate definition of name (y).", "MODEL_INVALID"],
  ["Node (a) Op (Add) [ShapeInferenceError] Incompatible dimensions", "MODEL_INVALID"],
  ["Could not find an implementation for Cast(21) node with name ''", "MODEL_UNSUPPORTED"],
  ["OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library", "BACKEND_UNAVAILABLE"],
  ["std::bad_alloc", "BACKEND_MEMORY"],
])("%s: %s", (text, code) => {
  expect(codeOf(text)).toBe(code);
});

it("a text that nobody knows does not keep other devices from being tried", () => {
  expect(codeOf("Exception during initialization: something new")).toBe("MODEL_UNSUPPORTED");
});

// As onnxruntime-node 1.30 says them.
it.each([
  [
    "Gather node. Name:'' Status Message: indices element out of data bounds, idx=5 must be within the inclusive range [-2,1]",
    "INPUT_VALUE",
  ],
  ["GatherElements node. Name:'' Status Message: GatherElements op: Out of range value in index tensor", "INPUT_VALUE"],
  ["ScatterND node. Name:'' Status Message: invalid indice found, indice = 5", "INPUT_VALUE"],
  ["Div node. Name:'' Status Message: element_wise_ops.cc:692 Compute Integer division by zero", "INPUT_VALUE"],
  ["Add node. Name:'' Status Message: Attempting to broadcast an axis by a dimension other than 1. 2 by 3", "INPUT_SHAPE"],
  ["MatMul node. Name:'' Status Message: matmul_helper.h:59 Compute MatMul dimension mismatch", "INPUT_SHAPE"],
  ["Reshape node. Name:'' Status Message: The input tensor cannot be reshaped to the requested shape. Input shape:{5}", "INPUT_SHAPE"],
  [
    "Concat node. Name:'' Status Message: Non concat axis dimensions must match: Axis 1 has mismatched dimensions of 3 and 5",
    "INPUT_SHAPE",
  ],
  ["Conv node. Name:'' Status Message: Invalid input shape: {5,5}", "INPUT_SHAPE"],
  ["ArgMax node. Name:'' Status Message:", "BACKEND_RUN"],
  ["Add node. Name:'' Status Message: Failed to allocate memory for requested buffer of size 40000000000000", "BACKEND_MEMORY"],
])("a run: %s", (text, code) => {
  const cause = new Error(`Non-zero status code returned while running ${text}`);
  const error = runError(cause);
  expect(error).toMatchObject({ code, cause });
  if (error.name !== "InputError") return;
  expect(error.message).toMatch(/^input: the model's [A-Z]\w+ expected .+, got .+$/);
  // Nothing of what was sent.
  expect(error.message).not.toContain("5");
  expect(error.issues).toHaveLength(1);
});
