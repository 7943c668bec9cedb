import { InputError } from "../../../errors/index.ts";
import { mismatch } from "../../../errors/mismatch.ts";
import type { DTypeInfo } from "../../../tensor/dtypes.ts";
import { toElement } from "../../../tensor/elements.ts";
import { allocate, describe, dtypeInfo, isList, shapeOf, sizeOf, toFloat16Bits } from "../../../tensor/index.ts";
import { indexPath, rowsOf } from "../../../tensor/nested.ts";
import type { DType, Tensor } from "../../../types/index.ts";
import { datatypeOf } from "./datatypes.ts";

/**
 * A tensor of the elements that JSON carries, flat in row-major order or nested in the tensor's shape. Integers must be in range; 64-bit ones may be
 * bigints or decimal strings; floats may be null, "NaN", "Infinity" or "-Infinity", and null means NaN; FP16 comes by value.
 *
 * @param path Where the elements stand, for errors: `inputs[0].data`.
 * @throws InputError INPUT_SHAPE, INPUT_VALUE or INPUT_DTYPE, naming the first element that does not fit.
 */
export function tensorFromJson(dtype: DType, dims: readonly number[], data: unknown, path: string): Tensor {
  const own = isList(data) ? shapeOf(dtype, data, path) : [];
  const flat = own.length <= 1 && sizeOf(own) === sizeOf(dims);
  if (!flat && !(own.length === dims.length && own.every((dim, axis) => dim === dims[axis]))) {
    const size = sizeOf(dims);
    throw mismatch("INPUT_SHAPE", path, `${size} elements, flat or nested as [${dims.join(", ")}]`, `a shape of [${own.join(", ")}]`);
  }
  return { type: dtype, data: elementsFromJson(dtype, own, data, path), dims } as Tensor;
}

/** The elements of nested lists of the shape `own`, by the rules of {@link tensorFromJson}. */
export function elementsFromJson(dtype: DType, own: readonly number[], data: unknown, path: string): Tensor["data"] {
  const info = dtypeInfo(dtype);
  const { kind } = info;
  const half = dtype === "float16";
  const rows = rowsOf(data, own, path);
  const size = rows.reduce((sum, row) => sum + row.length, 0);
  const out = allocate(dtype, size);
  const slots = out as unknown as Record<number, unknown>;
  let at = 0;
  for (const row of rows) {
    // Read once: in lists of many kinds each look at the length costs as much as an element.
    const { length } = row;
    for (let i = 0; i < length; i++) {
      const given = row[i];
      let element = given;
      if (kind !== "float") element = toElement(info, given);
      else if (typeof given !== "number") element = toFloat(given, info);
      if (element === undefined) throw refusal(dtype, given, path + indexPath(at, own));
      slots[at++] = half ? toFloat16Bits(element as number) : element;
    }
  }
  return out;
}

/** What stands for a number that is none in JSON. */
function toFloat(given: unknown, info: DTypeInfo): unknown {
  if (given === null) return Number.NaN;
  return typeof given === "bigint" ? Number(given) : toElement(info, given);
}

function refusal(dtype: DType, given: unknown, path: string): InputError {
  const { kind, min, max } = dtypeInfo(dtype);
  const datatype = datatypeOf(dtype);
  const whole =
    typeof given === "bigint" || Number.isInteger(given) || (kind === "bigint" && typeof given === "string" && /^-?\d+$/.test(given));
  if (whole && kind !== "string") {
    const lossy = kind === "bigint" && typeof given === "number" && !Number.isSafeInteger(given) && Math.abs(given) < 2 ** 64;
    const expected = lossy ? `${datatype} as digits, or as a string of them` : `${datatype} between ${min} and ${max}`;
    const received = lossy ? "a number that has lost digits" : `out of ${datatype}'s range`;
    return new InputError("INPUT_VALUE", `${path}: ${received}`, { details: { issues: [{ path, expected, received }] } });
  }
  const code = isList(given) ? "INPUT_SHAPE" : typeof given === "number" && kind !== "string" ? "INPUT_VALUE" : "INPUT_DTYPE";
  return mismatch(code, path, datatype, describe(given));
}
