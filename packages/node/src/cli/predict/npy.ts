import { readFile } from "node:fs/promises";
import type { DType, Tensor } from "@predikt/core";
import { Failure } from "../lib/failure.ts";

type ArrayOf = new (buffer: ArrayBuffer) => Exclude<Tensor["data"], string[]>;

/** NumPy's type codes, little-endian. float16 is raw bits, bool is 0 or 1. */
const types: Readonly<Record<string, readonly [DType, ArrayOf]>> = {
  "<f4": ["float32", Float32Array],
  "<f8": ["float64", Float64Array],
  "<f2": ["float16", Uint16Array],
  "|i1": ["int8", Int8Array],
  "|u1": ["uint8", Uint8Array],
  "<i2": ["int16", Int16Array],
  "<u2": ["uint16", Uint16Array],
  "<i4": ["int32", Int32Array],
  "<u4": ["uint32", Uint32Array],
  "<i8": ["int64", BigInt64Array],
  "<u8": ["uint64", BigUint64Array],
  "|b1": ["bool", Uint8Array],
};

/** Reads a tensor that `numpy.save` wrote. @throws Failure */
export async function readNpy(path: string): Promise<Tensor> {
  try {
    return parseNpy(await readFile(path));
  } catch (cause) {
    throw new Failure(`${path}: ${(cause as Error).message}`, { cause });
  }
}

/** A tensor of the bytes of a .npy file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). @throws Error */
export function parseNpy(bytes: Uint8Array): Tensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const latin = new TextDecoder("latin1");
  if (bytes.byteLength < 12 || latin.decode(bytes.subarray(0, 6)) !== "\u0093NUMPY") throw new Error("expected a .npy file, got another");
  const long = bytes[6] !== 1;
  const start = long ? 12 : 10;
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = latin.decode(bytes.subarray(start, end));
  const [, descr = ""] = /'descr':\s*'([^']*)'/.exec(header) ?? [];
  const [, order] = /'fortran_order':\s*(True|False)/.exec(header) ?? [];
  const [, shape] = /'shape':\s*\(([\d,\sL]*)\)/.exec(header) ?? [];
  const found = types[descr];
  if (found === undefined) throw new Error(`no tensor has NumPy's type "${descr}"; one of ${Object.keys(types).join(", ")} is expected`);
  if (order !== "False") throw new Error("expected row-major order; save numpy.ascontiguousarray(array)");
  const dims = (shape ?? "").split(",").flatMap((dim) => (dim.trim() === "" ? [] : [Number.parseInt(dim, 10)]));
  const [type, array] = found;
  const count = dims.reduce((product, dim) => product * dim, 1);
  const width = Number(descr.at(-1));
  // A copy, since a typed array begins where its elements' width allows; a Buffer's own slice would be none.
  const body = new Uint8Array(bytes.subarray(end));
  if (body.byteLength !== count * width)
    throw new Error(`expected ${count * width} bytes for [${dims.join(", ")}], got ${body.byteLength}`);
  return { type, data: new array(body.buffer as ArrayBuffer), dims } as Tensor;
}
