import { InvalidArgumentError } from "commander";
import { UsageError } from "./failure.ts";
import { parseBytes } from "./units.ts";

/** A parser of a whole number in a range, for an option. */
export function whole(min: number, max: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(
      max === Number.MAX_SAFE_INTEGER ? `Expected a whole number ≥ ${min}.` : `Expected a whole number from ${min} to ${max}.`,
    );
  };
}

/** A parser of a number above a bound, for an option. */
export function above(bound: number): (text: string) => number {
  return (text) => {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (number > bound && number < Infinity) return number;
    throw new InvalidArgumentError(`Expected a number above ${bound}.`);
  };
}

/** Parses bytes: `4194304`, `4MiB`. */
export function bytes(text: string): number {
  const number = parseBytes(text);
  if (number === undefined || number < 1) throw new InvalidArgumentError("Expected bytes, such as 4194304 or 4MiB.");
  return number;
}

/** Parses one of several words. */
export function oneOf<T extends string>(...words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`Expected one of ${words.join(", ")}.`);
    return found;
  };
}

/** Parses `1`, `1,2,4`, or a range with a step: `1:8`, `1:8:2`. Numbers above 0, at most 1000 of them. */
export function steps(text: string): readonly number[] {
  const wrong = new InvalidArgumentError("Expected numbers such as 4, 1,2,4, or a range: 1:8 or 1:8:2.");
  const [start, end, step = "1", ...rest] = text.split(":");
  const numberOf = (part: string | undefined): number => {
    const number = part === undefined || part.trim() === "" ? Number.NaN : Number(part);
    if (!(number > 0 && number < Infinity)) throw wrong;
    return number;
  };
  if (end === undefined) return (start as string).split(",").map(numberOf);
  if (rest.length > 0) throw wrong;
  const [from, to, by] = [numberOf(start), numberOf(end), numberOf(step)];
  const count = Math.floor((to - from) / by + 1e-9) + 1;
  if (count < 1 || count > 1000) throw wrong;
  return Array.from({ length: count }, (_, i) => from + i * by);
}

/** Collects an option that may be given several times. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** Reads `name: value` headers. */
export function headersOf(lines: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      if (colon < 1) throw new UsageError(`--header: expected "name: value", got "${line.slice(0, 20)}"`);
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
