import type { Reply } from "../lib/http-client.ts";
import { Mismatch } from "./check.ts";
import { isShape, kindOf, type Output } from "./subject.ts";

/** Reads elements of each datatype out of bytes. */
const readers: Readonly<Record<string, readonly [width: number, read: (view: DataView, at: number) => unknown]>> = {
  BOOL: [1, (view, at) => view.getUint8(at) === 1],
  UINT8: [1, (view, at) => view.getUint8(at)],
  UINT16: [2, (view, at) => view.getUint16(at, true)],
  UINT32: [4, (view, at) => view.getUint32(at, true)],
  UINT64: [8, (view, at) => Number(view.getBigUint64(at, true))],
  INT8: [1, (view, at) => view.getInt8(at)],
  INT16: [2, (view, at) => view.getInt16(at, true)],
  INT32: [4, (view, at) => view.getInt32(at, true)],
  INT64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  FP16: [2, (view, at) => halfOf(view.getUint16(at, true))],
  FP32: [4, (view, at) => view.getFloat32(at, true)],
  FP64: [8, (view, at) => view.getFloat64(at, true)],
};

/** The outputs of an answer with binary tensors, and which of them were binary. @throws Mismatch */
export function binaryOutputsOf(reply: Reply): { readonly outputs: Output[]; readonly binary: ReadonlySet<string> } {
  const { headers, body } = reply;
  const text = headers["inference-header-content-length"];
  if (reply.status !== 200) throw new Mismatch("status 200", `${reply.status}: ${body.subarray(0, 160).toString()}`);
  const length = text === undefined ? body.byteLength : Number(text);
  if (!Number.isSafeInteger(length) || length < 0 || length > body.byteLength)
    throw new Mismatch(`Inference-Header-Content-Length from 0 to ${body.byteLength}`, String(text));
  let json: { outputs?: Record<string, unknown>[] };
  try {
    json = JSON.parse(body.subarray(0, length).toString("utf8"));
  } catch {
    throw new Mismatch(`JSON in the first ${length} bytes, as Inference-Header-Content-Length says`, "text that is cut off or malformed");
  }
  const binary = new Set<string>();
  let at = length;
  const outputs = (json.outputs ?? []).map((output, i): Output => {
    const { name, datatype, shape, data, parameters } = output as {
      name: string;
      datatype: string;
      shape: unknown;
      data?: unknown;
      parameters?: object;
    };
    if (!isShape(shape)) throw new Mismatch(`outputs[${i}].shape of whole numbers ≥ 0`, kindOf(shape));
    const size = (parameters as { binary_data_size?: unknown } | undefined)?.binary_data_size;
    if (size === undefined) return { name, datatype, shape, data: (Array.isArray(data) ? data : []).flat(Number.POSITIVE_INFINITY) };
    if (typeof size !== "number" || at + size > body.byteLength)
      throw new Mismatch(`outputs[${i}].parameters.binary_data_size within the body's ${body.byteLength} bytes`, String(size));
    binary.add(name);
    const elements = elementsOf(datatype, body.subarray(at, at + size), `outputs[${i}]`);
    at += size;
    const count = shape.reduce((product, dim) => product * dim, 1);
    if (elements.length !== count) throw new Mismatch(`${count} elements in outputs[${i}]'s bytes`, `${elements.length}`);
    return { name, datatype, shape, data: elements };
  });
  if (at !== body.byteLength) throw new Mismatch(`a body of ${at} bytes, as its sizes say`, `${body.byteLength}`);
  return { outputs, binary };
}

function elementsOf(datatype: string, bytes: Buffer, where: string): unknown[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (datatype === "BYTES") return textsOf(view, bytes, where);
  const [width, read] = readers[datatype] ?? [];
  if (width === undefined || read === undefined) throw new Mismatch(`${where} of a known datatype`, datatype);
  return Array.from({ length: Math.floor(bytes.byteLength / width) }, (_, i) => read(view, i * width));
}

function textsOf(view: DataView, bytes: Buffer, where: string): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const length = at + 4 <= bytes.byteLength ? view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > bytes.byteLength) throw new Mismatch(`${where}: each string after its length`, "bytes that end within one");
    texts.push(bytes.subarray(at + 4, at + 4 + length).toString("utf8"));
    at += 4 + length;
  }
  return texts;
}

/** The value of IEEE 754 half-precision bits. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
