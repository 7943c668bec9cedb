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
  if (!finite && min === -Infinity && max === Infinity) return;
  const low = finite ? Math.max(min, -Number.MAX_VALUE) : min;
  const high = finite ? Math.min(max, Number.MAX_VALUE) : max;
  const values = (dtype === "float16" ? Array.from(data as Uint16Array, fromFloat16Bits) : data) as ArrayLike<number>;
  const { length } = values;
  for (let i = 0; i < length; i++) {
    const value = values[i] as number;
    // NaN compares as false with everything: one pass finds it, the infinities and what is out of range.
    if (value >= low && value <= high) continue;
    if (finite && !Number.isFinite(value)) throw mismatch("INPUT_VALUE", `${path}[${i}]`, "a finite number", describe(value));
    if (value < min || value > max) throw mismatch("INPUT_VALUE", `${path}[${i}]`, `between ${min} and ${max}`, "out of range");
  }
}
