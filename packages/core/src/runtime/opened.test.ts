import { describe, expect, it } from "vitest";
import { BackendError, ModelError } from "../errors/index.ts";
import type { TensorSpec } from "../types/index.ts";
import { completedSignature, nothingOpened } from "./opened.ts";

const spec = (name: string, dtype: TensorSpec["dtype"] = "float32"): TensorSpec => ({ name, dtype, shape: ["batch"] });

describe("the signature of a file", () => {
  const inputs = [spec("x")];

  it("stays as it is where it is complete, even where the runtime says otherwise", () => {
    const signature = { inputs, outputs: [spec("y")] };
    expect(completedSignature({ signature, untyped: [] }, [spec("y", "int64")])).toBe(signature);
  });

  it("takes the runtime's word for outputs without a type, and the runtime's order", () => {
    const signature = { inputs, outputs: [spec("b")] };
    const runtime = [spec("a", "int64"), spec("b", "int32")];
    expect(completedSignature({ signature, untyped: ["a"] }, runtime)).toEqual({ inputs, outputs: [spec("a", "int64"), spec("b")] });
  });
});

describe("the error where no device took a model", () => {
  const tried = [
    { device: "webgpu", reason: "no adapter" },
    { device: "wasm", reason: "no SIMD" },
  ];
  const unavailable = new BackendError("BACKEND_UNAVAILABLE", "no adapter");
  const missing = new BackendError("BACKEND_MISSING", "no file");

  it("is the model's own where one found it at fault, or the memory's", () => {
    const model = new ModelError("MODEL_UNSUPPORTED", "no such operator");
    const memory = new BackendError("BACKEND_MEMORY", "no more");
    expect(nothingOpened([unavailable, model], tried)).toBe(model);
    expect(nothingOpened([missing, memory], tried)).toBe(memory);
  });

  it("is BACKEND_UNAVAILABLE with what was tried", () => {
    const error = nothingOpened([unavailable, missing], tried);
    expect(error).toMatchObject({ code: "BACKEND_UNAVAILABLE", details: { tried }, cause: unavailable });
    expect(error.message).toBe("no device could be opened: webgpu: no adapter; wasm: no SIMD");
    expect(nothingOpened([], tried).code).toBe("BACKEND_UNAVAILABLE");
  });

  it("is BACKEND_MISSING where everything is missing", () => {
    expect(nothingOpened([missing, missing], tried).code).toBe("BACKEND_MISSING");
  });
});
