import { mismatch } from "../errors/mismatch.ts";
import type { DType, DTypeData } from "../types/index.ts";
import { describe } from "./describe.ts";
import { dtypeInfo } from "./dtypes.ts";
import { fromFloat16Bits } from "./float16.ts";

/** What values must be. Default: finite. */
interface Range {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly allowNonFinite?: boolean | undefined;
}

/** Checks each element's value; a flat index is added to the path. @throws InputError INPUT_VALUE for the first that is out of range or not finite. */
export function assertRange(
  data: DTypeData[DType],
  dtype: DType,
  path: string,
  { min = -Infinity, max = Infinity, allowNonFinite }: Range = {},
): void {
  const finite = allowNonFinite !== true && dtypeInfo(dtype).kind === "float";
  const values = (dtype === "float16" ? Array.from(data as Uint16Array, fromFloat16Bits) : data) as ArrayLike<number>;
  if (min === -Infinity && max === Infinity && (!finite || allFinite(values))) return;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (finite && !Number.isFinite(value)) throw mismatch("INPUT_VALUE", `${path}[${i}]`, "a finite number", describe(value));
    if (value < min || value > max) throw mismatch("INPUT_VALUE", `${path}[${i}]`, `between ${min} and ${max}`, "out of range");
  }
}

/** Anything finite times zero is zero, NaN and infinities make the sum NaN: no branch in the loop, and two sums that do not wait for one another. */
function allFinite(data: ArrayLike<number>): boolean {
  let [a, b] = [0, 0];
  let i = data.length % 2;
  if (i > 0) a = (data[0] as number) * 0;
  for (; i < data.length; i += 2) {
    a += (data[i] as number) * 0;
    b += (data[i + 1] as number) * 0;
  }
  return a + b === 0;
}
