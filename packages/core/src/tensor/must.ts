import { ConfigError } from "../errors/index.ts";
import { describe } from "./describe.ts";

/** Refuses an option that is not as expected. @throws ConfigError CONFIG_INVALID */
export function must(right: boolean, path: string, expected: string, value: unknown): void {
  if (!right) throw new ConfigError(path, expected, typeof value === "string" ? "another string" : describe(value));
}

/** Refuses options that are no object, or have a name that is not in the list. @throws ConfigError CONFIG_INVALID */
export function mustKnow(options: unknown, names: readonly string[], path = "options"): void {
  must(typeof options === "object" && options !== null && !Array.isArray(options), path, "an object", options);
  for (const name of Object.keys(options as object))
    must(names.includes(name), `${path}.${name.slice(0, 100)}`, `one of the options ${names.join(", ")}`, name);
}

/** Refuses what is not one of some words. @throws ConfigError CONFIG_INVALID */
export function mustBeOneOf(words: readonly unknown[], path: string, value: unknown): void {
  must(words.includes(value), path, `one of ${words.join(", ")}`, value);
}

/** Refuses what is not a finite number of a range. @throws ConfigError CONFIG_INVALID */
export function mustBeNumber(path: string, value: unknown, min: number = -Infinity, max: number = Infinity): void {
  const range =
    min === -Infinity ? "a finite number" : max === Infinity ? `a finite number ≥ ${min}` : `a number between ${min} and ${max}`;
  must(Number.isFinite(value) && (value as number) >= min && (value as number) <= max, path, range, value);
}

/** Refuses what is not a whole number of a range. @throws ConfigError CONFIG_INVALID */
export function mustBeWhole(path: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
  const range = max === Number.MAX_SAFE_INTEGER ? `a whole number ≥ ${min}` : `a whole number between ${min} and ${max}`;
  must(Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max, path, range, value);
}
