import { isPrediktError } from "../../errors/index.ts";
import { protocolError } from "../../http/send.ts";
import { decodeText, parseTolerantJson } from "../../serving/wire/index.ts";
import { elementsFromJson } from "../../serving/wire/oip/index.ts";
import { fitEmpty, isList, shapeOf, sizeOf, toValues } from "../../tensor/index.ts";
import type { DType, Signature, Tensor, TensorSpec, Tensors } from "../../types/index.ts";
import { objectOf } from "../reply-fault.ts";

/**
 * The body of a `:predict` request, in the column format, which takes inputs of any shapes. 64-bit integers are written digit by digit; NaN and the
 * infinities are the bare words that TensorFlow Serving takes.
 */
export function predictBody(feeds: Tensors, signatureName: string | undefined): string {
  const inputs = Object.entries(feeds).map(([name, tensor]) => `${JSON.stringify(name)}:${nestedJson(tensor)}`);
  const signature = signatureName === undefined ? "" : `"signature_name":${JSON.stringify(signatureName)},`;
  return `{${signature}"inputs":{${inputs.join(",")}}}`;
}

/** A tensor as nested JSON lists. */
export function nestedJson({ type, data, dims }: Tensor): string {
  const values = toValues(type as DType, data) as readonly unknown[] | Float32Array;
  const write = (from: number, to: number): string => {
    if (type === "string") return JSON.stringify(data.slice(from, to)).slice(1, -1);
    return (Array.isArray(values) ? values.slice(from, to) : (values as Float32Array).subarray(from, to)).join(",");
  };
  const nest = (axis: number, from: number, to: number): string => {
    if (axis >= dims.length) return write(from, to);
    if (axis === dims.length - 1) return `[${write(from, to)}]`;
    const count = dims[axis] as number;
    const stride = count === 0 ? 0 : (to - from) / count;
    const parts = Array.from({ length: count }, (_, i) => nest(axis + 1, from + i * stride, from + (i + 1) * stride));
    return `[${parts.join(",")}]`;
  };
  return nest(0, 0, sizeOf(dims));
}

/** The outputs of a `:predict` reply, in the format of columns or of rows. @throws RemoteError REMOTE_PROTOCOL */
export function predictOutputs(body: Uint8Array, { outputs }: Signature): Tensors {
  const lossless = outputs.some(({ dtype }) => dtype === "int64" || dtype === "uint64");
  const json = objectOf(parseTolerantJson(decodeText(body), lossless), "the whole");
  const columns = json["outputs"] === undefined ? columnsOf(json["predictions"], outputs) : json["outputs"];
  if (columns === undefined) throw protocolError("outputs or predictions", "neither");
  const [only] = outputs;
  // A lone output comes without its name.
  const named = outputs.length === 1 && !(isPlain(columns) && Object.hasOwn(columns, (only as TensorSpec).name));
  const values = named ? { [(only as TensorSpec).name]: columns } : objectOf(columns, "outputs");
  return Object.fromEntries(
    outputs.filter(({ name }) => values[name] !== undefined).map((spec) => [spec.name, toTensor(spec, values[spec.name])]),
  );
}

/** Rows, which is how KServe answers whatever it was asked, as columns. */
function columnsOf(rows: unknown, outputs: readonly TensorSpec[]): unknown {
  if (!Array.isArray(rows) || outputs.length === 1 || !rows.every(isPlain)) return rows;
  return Object.fromEntries(outputs.map(({ name }) => [name, rows.map((row) => row[name])]));
}

function toTensor({ name, dtype, shape }: TensorSpec, value: unknown): Tensor {
  const given = dtype === "string" ? fromBase64(value, name) : value;
  const path = `outputs.${name}`;
  const own = isList(given) ? shapeOf(dtype, given, path) : [];
  const data = elementsFromJson(dtype, own, given, path);
  return { type: dtype, data, dims: data.length === 0 ? fitEmpty(shape, own) : own } as Tensor;
}

/** Strings of outputs whose name ends with `_bytes` come as `{"b64"}`. */
function fromBase64(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((each) => fromBase64(each, name));
  if (!isPlain(value) || typeof value["b64"] !== "string") return value;
  try {
    return decodeText(Uint8Array.from(atob(value["b64"]), (char) => char.charCodeAt(0)));
  } catch (cause) {
    throw protocolError(`text for output "${name}"`, isPrediktError(cause) ? "other bytes" : "something that is no base64", cause);
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
