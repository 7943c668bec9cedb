import { ConfigError } from "../errors/index.ts";

/** What an option may be. */
export interface Rule {
  readonly expected: string;
  fits(value: unknown): boolean;
}

/** Options by name; those of an option that is an object have a table of their own. */
export interface Rules {
  readonly [name: string]: Rule | { readonly inner: Rules };
}

/** Checks options, every one of which must be in the table. Undefined is as good as absent. @throws ConfigError CONFIG_INVALID */
export function checkRules(given: object, rules: Rules, folder = ""): void {
  for (const [name, value] of Object.entries(given)) {
    const path = folder + name;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw new ConfigError(path, `one of the options ${Object.keys(rules).join(", ")}`, "another name");
    if (value === undefined) continue;
    if (!("inner" in rule)) {
      if (!rule.fits(value)) throw new ConfigError(path, rule.expected, kindOf(value));
    } else if (isObject(value)) checkRules(value, rule.inner, `${path}.`);
    else throw new ConfigError(path, "an object", kindOf(value));
  }
}

/** Checked elsewhere, or anything goes. */
export const anything: Rule = { expected: "anything", fits: () => true };
/** `true` or `false`. */
export const boolean: Rule = { expected: "true or false", fits: (value) => typeof value === "boolean" };
/** A function. */
export const callable: Rule = { expected: "a function", fits: (value) => typeof value === "function" };
/** A number that limits something. */
export const limit: Rule = { expected: "a number ≥ 0", fits: (value) => typeof value === "number" && value >= 0 };
/** A list of strings. */
export const strings: Rule = { expected: "a list of strings", fits: (value) => Array.isArray(value) && value.every(isString) };
/** What can be sent to another thread or process, and back. */
export const plainData: Rule = { expected: "plain JSON", fits: isPlain };

/** A whole number from `min` on. */
export function whole(min: number, max: number = Number.MAX_SAFE_INTEGER): Rule {
  return {
    expected: max === Number.MAX_SAFE_INTEGER ? `a whole number ≥ ${min}` : `a whole number between ${min} and ${max}`,
    fits: (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

/** One of some words. */
export function oneOf(...words: readonly string[]): Rule {
  return { expected: `one of ${words.join(", ")}`, fits: (value) => isString(value) && words.includes(value) };
}

/** An object whose values all fit. */
export function recordOf(what: string, fits: (value: unknown) => boolean): Rule {
  return { expected: `an object of ${what}`, fits: (value) => isObject(value) && Object.values(value).every(fits) };
}

/** Whether a value is a string. */
export function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** Whether a value is an object with names. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function isPlain(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).every(isPlain);
  return value === null || ["string", "number", "boolean", "undefined"].includes(typeof value);
}

/** What arrived, without saying what it was. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "another string";
  if (typeof value !== "number") return typeof value === "object" ? "an object with something else in it" : `a ${typeof value}`;
  if (Number.isNaN(value)) return "NaN";
  if (value < 0) return "a negative number";
  return Number.isInteger(value) ? "a number out of that range" : "a fraction";
}
