import { ConfigError } from "../errors/index.ts";
import { describe } from "../tensor/index.ts";

/**
 * A model's name or version, checked: it must be able to stand as one segment of a URL's path, where `.` and `..` mean other things.
 *
 * @throws ConfigError CONFIG_INVALID naming the path.
 */
export function checkName(path: string, value: unknown): string {
  if (typeof value === "string" && /^(?!\.\.?$)[\w.-]+$/.test(value)) return value;
  throw new ConfigError(path, "letters, digits, _ - . (not . or ..)", describe(value));
}
