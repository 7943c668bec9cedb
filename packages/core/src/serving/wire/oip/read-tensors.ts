import { InputError, isPrediktError, type PrediktError } from "../../../errors/index.ts";
import { mismatch, mostIssues } from "../../../errors/mismatch.ts";
import { describe, dtypeInfo, sizeOf } from "../../../tensor/index.ts";
import { maxRank } from "../../../tensor/nested.ts";
import type { Tensor } from "../../../types/index.ts";
import { tensorFromBinary } from "./binary.ts";
import { dtypeOf } from "./datatypes.ts";
import { tensorFromJson } from "./elements.ts";
import type { BinaryParts } from "./frame.ts";

/** Parameters of a request, a tensor or a reply. */
export type OipParameters = Readonly<Record<string, unknown>>;

/** A tensor of a message. */
export interface ReadEntry {
  readonly name: string;
  readonly tensor: Tensor;
  readonly parameters: OipParameters;
}

/**
 * Reads the tensors of a message: the `inputs` of a request, the `outputs` of a reply. Every tensor that does not fit is reported at once.
 *
 * @param list What the JSON has there.
 * @param parts The binary tensors behind the JSON.
 * @param path `inputs` or `outputs`.
 * @throws InputError naming the place: INPUT_MISSING, INPUT_DTYPE, INPUT_SHAPE or INPUT_VALUE; BODY_INVALID where bytes are left over.
 */
export function readTensors(list: unknown, parts: BinaryParts, path: string): readonly ReadEntry[] {
  if (!Array.isArray(list)) throw mismatch(list === undefined ? "INPUT_MISSING" : "INPUT_DTYPE", path, "a list of tensors", describe(list));
  const entries: ReadEntry[] = [];
  const names = new Set<string>();
  const problems: PrediktError[] = [];
  for (const [index, value] of list.entries()) {
    const at = `${path}[${index}]`;
    const entry = readFields(value, at);
    // Taken whatever else is wrong, so that the tensors behind it stay in step.
    const bytes = entry.size === undefined ? undefined : parts.take(entry.size, at);
    try {
      if (names.has(entry.name)) throw mismatch("INPUT_VALUE", `${at}.name`, "each name once", "one that came before");
      names.add(entry.name);
      entries.push({ name: entry.name, tensor: readTensor(entry, bytes, at), parameters: entry.parameters });
    } catch (error) {
      if (!isPrediktError(error)) throw error;
      problems.push(error);
      if (problems.length === mostIssues) break;
    }
  }
  if (problems.length > 0) throw together(problems);
  parts.end();
  return entries;
}

/** An object of the JSON. @throws InputError INPUT_DTYPE */
export function readObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw mismatch("INPUT_DTYPE", path, "an object", describe(value));
}

/** The `parameters` of an object; an empty one where it has none. @throws InputError INPUT_DTYPE */
export function readParameters({ parameters }: Readonly<Record<string, unknown>>, path: string): OipParameters {
  return parameters === undefined || parameters === null ? none : readObject(parameters, path);
}

/** A `shape`, held to what this side could hold. @throws InputError INPUT_SHAPE */
export function readShape(value: unknown, path: string): readonly number[] {
  const right = Array.isArray(value) && value.length <= maxRank && value.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  // Dims beside a zero cost nothing to send, and a model may make something of them.
  if (!right || (value.includes(0) && sizeOf(value.map((dim) => dim || 1)) > 2 ** 24))
    throw mismatch("INPUT_SHAPE", path, `at most ${maxRank} whole numbers ≥ 0`, value === undefined ? "nothing" : "others, or too large");
  return value;
}

const none: OipParameters = {};

interface Fields {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly parameters: OipParameters;
  /** Bytes of its binary form. */
  readonly size: number | undefined;
}

function readFields(value: unknown, at: string): Fields {
  const fields = readObject(value, at);
  const parameters = readParameters(fields, `${at}.parameters`);
  const { name } = fields;
  if (typeof name !== "string")
    throw mismatch(name === undefined ? "INPUT_MISSING" : "INPUT_DTYPE", `${at}.name`, "a string", describe(name));
  const size = parameters["binary_data_size"];
  if (size === undefined) return { name, fields, parameters, size };
  if (Number.isSafeInteger(size) && (size as number) >= 0) return { name, fields, parameters, size: size as number };
  throw mismatch("INPUT_VALUE", `${at}.parameters.binary_data_size`, "a whole number ≥ 0", describe(size));
}

function readTensor({ fields }: Fields, bytes: Uint8Array | undefined, at: string): Tensor {
  const { datatype, shape, data } = fields;
  const dtype = dtypeOf(datatype);
  if (dtype === undefined) {
    const received = typeof datatype === "string" ? "another one" : describe(datatype);
    throw mismatch(datatype === undefined ? "INPUT_MISSING" : "INPUT_DTYPE", `${at}.datatype`, "a datatype such as FP32", received);
  }
  const dims = readShape(shape, `${at}.shape`);
  if (bytes !== undefined) {
    if (data !== undefined) throw mismatch("INPUT_VALUE", `${at}.data`, "nothing beside binary_data_size", describe(data));
    return tensorFromBinary(dtype, dims, bytes, at);
  }
  if (data !== undefined) return tensorFromJson(dtype, dims, data, `${at}.data`);
  // Triton's clients leave it out for tensors without elements.
  if (dims.includes(0)) return tensorFromJson(dtype, dims, [], `${at}.data`);
  throw mismatch(
    "INPUT_MISSING",
    `${at}.data`,
    `${sizeOf(dims)} elements${dtypeInfo(dtype).bytes > 0 ? ", or binary_data_size" : ""}`,
    "nothing",
  );
}

function together(problems: readonly PrediktError[]): PrediktError {
  const [first] = problems as readonly [PrediktError];
  if (problems.length === 1) return first;
  const issues = problems.flatMap((error) => error.issues).slice(0, mostIssues);
  const shown = problems.slice(0, 10).map(({ message }) => message);
  return new InputError(first.code as InputError["code"], shown.join("; "), { details: { issues } });
}
