import { InputError, isPrediktError, RemoteError } from "../errors/index.ts";
import { validateOutput } from "../model/validate.ts";
import { headers, readTensor, tensorBytes, toJson } from "../serving/wire/index.ts";
import { dtypeInfo, isDType, isTensorLike, tensor, toStorage } from "../tensor/index.ts";
import type { Definition, DType, NestedArray, RawInputs, RawValue, Signature, Tensor, Tensors } from "../types/index.ts";
import { protocolError } from "./exchange.ts";
import type { RawBody, Reply } from "./work.ts";

/** JSON text of an input. @throws InputError INPUT_VALUE for what JSON cannot carry */
export function encodeInput(input: unknown): string {
  try {
    return toJson(input);
  } catch (cause) {
    if (isPrediktError(cause)) throw cause;
    throw new InputError("INPUT_VALUE", "input: expected what JSON can carry, got a cycle or a value with a failing toJSON", { cause });
  }
}

/** An output as its schema makes it. @throws RemoteError REMOTE_PROTOCOL where the schema refuses it */
export async function decodeOutput(json: unknown, definition: Definition<never, unknown>): Promise<unknown> {
  try {
    return await validateOutput(definition.output, json);
  } catch (cause) {
    if (!isPrediktError(cause)) throw cause;
    throw new RemoteError("REMOTE_PROTOCOL", `the server's reply does not fit the definition: ${cause.message}`, {
      cause,
      details: { issues: cause.issues },
    });
  }
}

/** Tensors again, where a reply holds them; anything else as it came (a definition's output, asked for without the definition). */
export function decodeTensors(json: unknown): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const entries = Object.entries(json);
  if (!entries.every(([, value]) => isTensorLike(value) && isDType(value.type) && Array.isArray(value.data) && Array.isArray(value.dims)))
    return json;
  try {
    return Object.fromEntries(
      entries.map(([name, value]) => [name, { type: value.type, ...toStorage(value.type as DType, value.data, value.dims, name) }]),
    );
  } catch (cause) {
    throw protocolError("tensors", "elements that do not fit their dtype or dims", cause);
  }
}

/** The raw body of a single tensor. @throws InputError where it is not one, or is of strings */
export function encodeRaw(tensors: RawInputs, signature: Signature): RawBody {
  const [entry, ...others] = Object.entries(tensors);
  if (entry === undefined || others.length > 0) {
    throw new InputError(
      "UNSUPPORTED_MEDIA_TYPE",
      `over HTTP, encoded inputs are one single tensor; there are ${others.length + (entry === undefined ? 0 : 1)}`,
    );
  }
  const [name, value] = entry;
  const made = toTensor(value, signature.inputs.find((spec) => spec.name === name)?.dtype, name);
  const bytes = tensorBytes(made.tensor);
  if (bytes === undefined) throw new InputError("INPUT_DTYPE", `input "${name}": expected numbers, got strings, which have no raw form`);
  const shaped = made.shaped ? { [headers.shape]: made.tensor.dims.join(",") } : {};
  // A copy: the caller may reuse its buffer while the request waits for a retry.
  return { bytes: bytes.slice(), headers: made.typed ? { ...shaped, [headers.dtype]: made.tensor.type } : shaped };
}

/** The single output of a raw reply. */
export function decodeRaw(reply: Reply, signature: Signature): Tensors {
  const dtype = reply.headers.get(headers.dtype);
  const shape = reply.headers.get(headers.shape);
  const name = signature.outputs[0]?.name ?? "output";
  if (!isDType(dtype) || shape === null || reply.bytes === undefined)
    throw protocolError(`the headers ${headers.dtype} and ${headers.shape}`, "a reply without them");
  const dims = shape === "" ? [] : shape.split(",").map(Number);
  try {
    return { [name]: readTensor(reply.bytes, { name, dtype, shape: dims }, dims).tensor };
  } catch (cause) {
    throw protocolError(`${dtype} [${dims.join(", ")}]`, `${reply.bytes.byteLength} bytes`, cause);
  }
}

/** What is known of a value: its tensor, whether its dims are its own, and whether its dtype is certain. */
interface Made {
  readonly tensor: Tensor;
  readonly shaped: boolean;
  readonly typed: boolean;
}

function toTensor(value: RawValue, known: DType | undefined, name: string): Made {
  if (isTensorLike(value)) {
    if (!isDType(value.type)) throw new InputError("INPUT_DTYPE", `input "${name}": expected a dtype, got another word`);
    const made = { type: value.type, ...toStorage(value.type, value.data, value.dims, name) } as Tensor;
    return { tensor: made, shaped: true, typed: true };
  }
  const dtype = known ?? dtypeOf(value);
  const made = tensor(dtype, value as NestedArray) as Tensor;
  return { tensor: made, shaped: made.dims.length > 1, typed: known !== undefined };
}

/** The dtype that a bare array stands for while the server's signature is not known. */
function dtypeOf(value: RawValue): DType {
  if (!ArrayBuffer.isView(value)) return "float32";
  const found = (["float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"] as const).find(
    (dtype) => value instanceof (dtypeInfo(dtype).array as never),
  );
  return found ?? "float32";
}
