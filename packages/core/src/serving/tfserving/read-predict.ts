import { type InputError, isPrediktError } from "../../errors/index.ts";
import { mismatch } from "../../errors/mismatch.ts";
import { describe } from "../../tensor/index.ts";
import { record } from "../../tensor/rows.ts";
import type { Signature, Tensor, TensorSpec, Tensors } from "../../types/index.ts";
import { readObject } from "../wire/oip/index.ts";
import { tensorFromNested } from "../wire/tfserving/index.ts";

/** A predict request: its tensors, and whether its reply is by rows or by outputs. */
export interface TfPredict {
  readonly feeds: Tensors;
  readonly format: "row" | "columnar";
}

/**
 * Reads the body of `:predict`. The row format has `instances`, each a value of the only input or an object of one value for each; the columnar one has
 * `inputs`, the value of the only one or an object of all. Shapes are those of the nesting. Text may come as `{"b64": "…"}`.
 *
 * @throws InputError naming the place.
 */
export function readTfPredict(json: unknown, signature: Signature): TfPredict {
  const body = readObject(json, "body");
  const { signature_name: name = "", instances, inputs } = body;
  if (name !== "" && name !== "serving_default" && name !== null)
    throw mismatch("INPUT_VALUE", "signature_name", '"serving_default"', describe(name) === "string" ? "another name" : describe(name));
  if ((instances === undefined) === (inputs === undefined))
    throw mismatch(
      instances === undefined ? "INPUT_MISSING" : "INPUT_UNKNOWN",
      "body",
      'either "instances" or "inputs"',
      instances === undefined ? "neither" : "both",
    );
  return instances === undefined
    ? { feeds: readColumns(inputs, signature), format: "columnar" }
    : { feeds: readRows(instances, signature), format: "row" };
}

function readColumns(inputs: unknown, signature: Signature): Tensors {
  const [first] = signature.inputs;
  if (first !== undefined && signature.inputs.length === 1 && !isNamed(inputs))
    return one(first, tensorFromNested(first, inputs, "inputs"));
  const named = readObject(inputs, "inputs");
  const feeds = record();
  assertKnown(named, signature, "inputs");
  for (const spec of signature.inputs) {
    if (!Object.hasOwn(named, spec.name)) throw mismatch("INPUT_MISSING", `inputs.${spec.name}`, spec.dtype, "nothing");
    feeds[spec.name] = tensorFromNested(spec, named[spec.name], `inputs.${spec.name}`);
  }
  return feeds;
}

function readRows(instances: unknown, signature: Signature): Tensors {
  if (!Array.isArray(instances) || instances.length === 0)
    throw mismatch(
      "INPUT_DTYPE",
      "instances",
      "a list of at least one instance",
      Array.isArray(instances) ? "an empty list" : describe(instances),
    );
  const [first] = signature.inputs;
  if (!isNamed(instances[0])) {
    if (first === undefined || signature.inputs.length !== 1)
      throw mismatch("INPUT_DTYPE", "instances[0]", "an object with each input", describe(instances[0]));
    const mixed = instances.findIndex(isNamed);
    if (mixed > 0) throw mismatch("INPUT_DTYPE", `instances[${mixed}]`, "a value, like the first", "an object of inputs");
    return one(first, tensorFromNested(first, instances, "instances"));
  }
  const rows = instances.map((instance, index) => {
    const row = readObject(instance, `instances[${index}]`);
    assertKnown(row, signature, `instances[${index}]`);
    return row;
  });
  const feeds = record();
  for (const spec of signature.inputs) feeds[spec.name] = toColumn(spec, rows);
  return feeds;
}

/** One input's values of all instances, joined. */
function toColumn(spec: TensorSpec, rows: readonly Readonly<Record<string, unknown>>[]): Tensor {
  const values = rows.map((row, index) => {
    if (!Object.hasOwn(row, spec.name)) throw mismatch("INPUT_MISSING", `instances[${index}].${spec.name}`, spec.dtype, "nothing");
    return row[spec.name];
  });
  try {
    return tensorFromNested(spec, values, `instances.${spec.name}`);
  } catch (error) {
    // Looked for again where it stands, which says more. One that fails beside the others only has a shape of its own.
    if (isPrediktError(error))
      for (const [index, value] of values.entries()) tensorFromNested(spec, value, `instances[${index}].${spec.name}`);
    throw error;
  }
}

function one({ name }: TensorSpec, tensor: Tensor): Tensors {
  const feeds = record();
  feeds[name] = tensor;
  return feeds;
}

/** Whether a value is an object of inputs: neither a list nor text in base64. */
function isNamed(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !("b64" in value && Object.keys(value).length === 1);
}

function assertKnown(named: object, signature: Signature, path: string): void {
  const strange = Object.keys(named).some((name) => !signature.inputs.some((spec) => spec.name === name));
  if (strange) throw unknown(path, signature);
}

function unknown(path: string, { inputs }: Signature): InputError {
  return mismatch("INPUT_UNKNOWN", path, `only ${inputs.map(({ name }) => `"${name}"`).join(", ")}`, "another name");
}
