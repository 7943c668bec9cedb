import { type CodeOf, type InputError, type Issue, isPrediktError } from "../errors/index.ts";
import { inputError, mismatch, type Problem } from "../errors/mismatch.ts";
import type { DType, RawInputs, RawValue, Signature, Tensor, TensorSpec, Tensors } from "../types/index.ts";
import { dtypeInfo, isDType } from "./dtypes.ts";
import { describe } from "./elements.ts";
import { fitFlat } from "./flatten.ts";
import { isTensorLike, toStorage } from "./tensor.ts";

type InputCode = CodeOf<"InputError">;

/**
 * Checks named inputs against a signature and makes tensors of them. Every problem is reported at once; the first one gives
 * the code.
 *
 * A tensor must have the model's dtype. A typed array or nested arrays take the model's dtype; a flat list stands for the model's
 * shape where at most one dimension is free.
 *
 * @throws InputError INPUT_MISSING, INPUT_UNKNOWN, INPUT_DTYPE, INPUT_SHAPE or INPUT_VALUE, with `issues`.
 */
export function checkFeeds(inputs: RawInputs, signature: Signature): Tensors {
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs)) {
    throw mismatch("INPUT_DTYPE", "input", `an object with ${names(signature)}`, describe(inputs));
  }
  const feeds: Record<string, Tensor> = {};
  const problems: Problem[] = [];
  const add = (code: InputCode, issue: Issue): void => void problems.push({ code, issue });
  const specs = signature.inputs;
  for (let i = 0; i < specs.length; i++) {
    const spec = specs[i] as TensorSpec;
    const value = Object.hasOwn(inputs, spec.name) ? inputs[spec.name] : undefined;
    if (value === undefined) {
      add("INPUT_MISSING", { path: spec.name, expected: specText(spec), received: "nothing" });
      continue;
    }
    try {
      const made = toInput(spec, value);
      const issue = shapeIssue(spec, made.dims);
      if (issue === undefined) feeds[spec.name] = made;
      else add("INPUT_SHAPE", issue);
    } catch (error) {
      if (!isPrediktError(error)) throw error;
      for (const issue of error.issues) add(error.code as InputCode, issue);
    }
  }
  for (const name in inputs) {
    if (Object.hasOwn(inputs, name) && !specs.some((spec) => spec.name === name)) {
      add("INPUT_UNKNOWN", { path: name, expected: `one of ${names(signature)}`, received: "an input that the model does not have" });
    }
  }
  if (problems.length > 0) throw inputError(problems);
  return feeds;
}

function toInput(spec: TensorSpec, value: RawValue): Tensor {
  if (isTensorLike(value)) {
    const { type, data, dims } = value;
    if (!Array.isArray(dims)) throw mismatch("INPUT_SHAPE", spec.name, specText(spec), "dims that are no list");
    if (type !== spec.dtype) {
      throw dtypeError(spec, isDType(type) ? `${type} [${dims.join(", ")}]` : "an unknown dtype");
    }
    return { type, ...toStorage(type as DType, normalise(spec.dtype, data), dims, spec.name) } as Tensor;
  }
  if (ArrayBuffer.isView(value)) {
    const own = dtypeInfo(spec.dtype).array;
    if (spec.dtype === "string") throw dtypeError(spec, (value as object).constructor.name);
    const exact = own !== undefined && value instanceof own;
    const isBig = value instanceof BigInt64Array || value instanceof BigUint64Array;
    if (!exact && isBig !== (dtypeInfo(spec.dtype).kind === "bigint")) throw dtypeError(spec, (value as object).constructor.name);
  }
  const made = toStorage(spec.dtype, value, undefined, spec.name);
  return {
    type: spec.dtype,
    data: made.data,
    dims: made.dims.length === 1 ? (fitFlat(spec.shape, made.data.length) ?? made.dims) : made.dims,
  } as Tensor;
}

/** Newer runtimes give float16 as a Float16Array; the SDK keeps bits. */
function normalise(dtype: DType, data: unknown): unknown {
  if (dtype === "float16" && ArrayBuffer.isView(data) && data.constructor.name === "Float16Array") {
    return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  }
  return data;
}

function shapeIssue(spec: TensorSpec, dims: readonly number[]): Issue | undefined {
  const { shape, unranked } = spec;
  if (unranked) return undefined;
  if (dims.length !== shape.length) {
    return {
      path: spec.name,
      expected: specText(spec),
      received: `${spec.dtype} [${dims.join(", ")}] (rank ${dims.length} ≠ ${shape.length})`,
    };
  }
  for (let axis = 0; axis < shape.length; axis++) {
    const want = shape[axis];
    if (typeof want === "number" && want !== dims[axis]) {
      return {
        path: spec.name,
        expected: specText(spec),
        received: `${spec.dtype} [${dims.join(", ")}] (axis ${axis}: ${dims[axis]} ≠ ${want})`,
      };
    }
  }
  return undefined;
}

function dtypeError(spec: TensorSpec, received: string): InputError {
  return mismatch("INPUT_DTYPE", spec.name, specText(spec), received);
}

/** `float32 [batch, 784]`, for messages. */
export function specText(spec: TensorSpec): string {
  return `${spec.dtype} [${spec.unranked ? "..." : spec.shape.map((dim) => (dim === "" ? "?" : dim)).join(", ")}]`;
}

function names(signature: Signature): string {
  return signature.inputs.map((spec) => `"${spec.name}"`).join(", ");
}
