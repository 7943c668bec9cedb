import { ConfigError, ModelError } from "../errors/index.ts";
import type { OpenRequest } from "../types/index.ts";

/** The devices asked for, in order, each once. @throws ConfigError CONFIG_INVALID */
export function deviceList(device: OpenRequest["device"] = "auto"): readonly string[] {
  const list = typeof device === "string" ? [device] : device;
  if (!Array.isArray(list) || list.length === 0 || list.some((name) => typeof name !== "string" || name === "")) {
    throw new ConfigError(
      "device",
      "a device or a list of devices",
      Array.isArray(list) ? "a list with something else in it, or nothing" : typeof list,
    );
  }
  return [...new Set(list)];
}

/** Checks a digest that a model's bytes are to have. @throws ConfigError CONFIG_INVALID */
export function checkSha256(sha256: string | undefined, path = "sha256"): void {
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256))
    throw new ConfigError(path, "64 hex digits", `${String(sha256).length} characters`);
}

/** Checks that a model's bytes are those that were meant. @throws ModelError MODEL_INTEGRITY */
export function assertDigest(received: string, expected: string | undefined): void {
  if (expected === undefined || expected.toLowerCase() === received) return;
  const details = { expected: expected.toLowerCase(), received };
  throw new ModelError("MODEL_INTEGRITY", `the model's bytes: expected SHA-256 ${details.expected}, got ${received}`, { details });
}
