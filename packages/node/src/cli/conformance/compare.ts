import { Mismatch } from "./check.ts";
import type { Output } from "./subject.ts";

/** Floats may differ by this share, since batch mates change the order of sums. */
const tolerance = 1e-3;

/** Compares two answers by the outputs' names. @throws Mismatch */
export function sameOutputs(got: readonly Output[], expected: readonly Output[], where = ""): void {
  const names = (outputs: readonly Output[]): string =>
    outputs
      .map(({ name }) => name)
      .sort()
      .join(", ");
  if (names(got) !== names(expected)) throw new Mismatch(`${where}the outputs ${names(expected)}`, names(got));
  for (const output of expected) {
    const other = got.find(({ name }) => name === output.name) as Output;
    if (other.datatype !== output.datatype) throw new Mismatch(`${where}${output.name} as ${output.datatype}`, other.datatype);
    if (String(other.shape) !== String(output.shape))
      throw new Mismatch(`${where}${output.name} of [${output.shape.join(", ")}]`, `[${other.shape.join(", ")}]`);
    const at = output.data.findIndex((element, i) => !sameElement(other.data[i], element, /^B?FP?\d/.test(output.datatype)));
    if (at >= 0) throw new Mismatch(`${where}${output.name}[${at}] = ${output.data[at]}`, String(other.data[at]));
  }
}

function sameElement(a: unknown, b: unknown, float: boolean): boolean {
  if (Object.is(a, b) || a === b) return true;
  const [x, y] = [Number(a), Number(b)];
  // NaN and infinities have no JSON: servers write them in words, or as null.
  if (!float || !Number.isFinite(x) || !Number.isFinite(y)) return String(a) === String(b);
  return Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y));
}
