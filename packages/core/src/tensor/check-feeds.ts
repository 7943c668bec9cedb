import { isPrediktError } from "../errors/index.ts";
import { inputError, mismatch, mostIssues, type Problem } from "../errors/mismatch.ts";
import type { RawInputs, RawValue, Signature, Tensor, TensorSpec, Tensors } from "../types/index.ts";
import { describe } from "./describe.ts";
import { isDType } from "./dtypes.ts";
import { shapeOf } from "./elements.ts";
import { fitFlat, fits } from "./nested.ts";
import { record } from "./rows.ts";
import { checkDims, isTensorLike, store } from "./tensor.ts";

/**
 * Checks named inputs against a signature and makes tensors of them. Every problem is reported at once; the first one gives
 * the code.
 *
 * A tensor must have the model's dtype. A typed array or nested arrays take the model's dtype; a flat list stands for the model's
 * shape where at most one dimension is free.
 *
 * @param owned Whether the tensors may share the memory of arrays that were given. Default: they are copied, so that their owner may write to them.
 * @throws InputError INPUT_MISSING, INPUT_UNKNOWN, INPUT_DTYPE, INPUT_SHAPE or INPUT_VALUE, with `issues`.
 */
export function checkFeeds(inputs: RawInputs, signature: Signature, owned = false): Tensors {
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs)) {
    throw mismatch("INPUT_DTYPE", "input", `an object with ${names(signature)}`, describe(inputs));
  }
  const feeds = record();
  const problems: Problem[] = [];
  const specs = signature.inputs;
  let given = 0;
  for (const spec of specs) {
    const { name } = spec;
    const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    try {
      if (value === undefined) throw mismatch("INPUT_MISSING", name, specText(spec), "nothing");
      given++;
      feeds[name] = toInput(spec, value, owned);
    } catch (error) {
      if (!isPrediktError(error)) throw error;
      for (const issue of error.issues) problems.push({ code: error.code as Problem["code"], issue });
    }
  }
  const keys = Object.keys(inputs);
  let unknown: string[] = [];
  if (given !== keys.length) {
    const known = new Set(specs.map((spec) => spec.name));
    unknown = keys.filter((name) => !known.has(name));
  }
  const count = problems.length + unknown.length;
  if (count === 0) return feeds;
  const issue = { expected: `one of ${names(signature)}`, received: "another name" };
  for (const path of unknown.slice(0, mostIssues)) problems.push({ code: "INPUT_UNKNOWN", issue: { path, ...issue } });
  throw inputError(problems, count);
}

function toInput(spec: TensorSpec, value: RawValue, owned: boolean): Tensor {
  const { name, dtype, shape, unranked } = spec;
  let data: unknown = value;
  let dims: readonly number[] | undefined;
  if (isTensorLike(value)) {
    dims = checkDims(value.dims, name);
    if (value.type !== dtype) {
      const received = isDType(value.type) ? specText({ dtype: value.type, shape: dims }) : "an unknown dtype";
      throw mismatch("INPUT_DTYPE", name, specText(spec), received);
    }
    data = dataOf(value, name);
  }
  const own = shapeOf(dtype, data, name);
  dims ??= (own.length === 1 && !unranked && fitFlat(shape, own[0] as number)) || own;
  if (!unranked && !fits(dims, shape)) {
    const axis = shape.findIndex((want, i) => typeof want === "number" && want !== dims?.[i]);
    const why = dims.length === shape.length ? `axis ${axis}: ${dims[axis]} ≠ ${shape[axis]}` : `rank ${dims.length} ≠ ${shape.length}`;
    throw mismatch("INPUT_SHAPE", name, specText(spec), `${specText({ dtype, shape: dims })} (${why})`);
  }
  return store(dtype, data, own, dims, name, !owned) as Tensor;
}

/** A runtime's tensor on a GPU throws where its data is read. */
function dataOf(tensor: { readonly data: unknown }, name: string): unknown {
  try {
    return tensor.data;
  } catch {
    throw mismatch("INPUT_VALUE", name, "data on the CPU", "unreadable data");
  }
}

/** `float32 [batch, 784]`, for messages. */
export function specText(spec: Omit<TensorSpec, "name">): string {
  return `${spec.dtype} [${spec.unranked ? "..." : spec.shape.map((dim) => (dim === "" ? "?" : dim)).join(", ")}]`;
}

function names(signature: Signature): string {
  return signature.inputs.map((spec) => `"${spec.name}"`).join(", ");
}
