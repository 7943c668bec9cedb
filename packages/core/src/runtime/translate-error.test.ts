import { expect, it } from "vitest";
import { openError } from "./translate-error.ts";

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
