import { ConfigError } from "../errors/index.ts";
import { describe } from "../tensor/index.ts";

/** Whether a value can be a model's name or version: one segment of a URL's path, where `.` and `..` mean other things. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && /^(?!\.\.?$)[\w.-]+$/.test(value);
}

/** Checks a name or version. @throws ConfigError CONFIG_INVALID naming the path. */
export function checkName(path: string, value: unknown): void {
  if (!isName(value)) throw new ConfigError(path, "letters, digits, _ - .", describe(value));
}
