import { readFile, stat } from "node:fs/promises";
import { BackendError, ConfigError } from "@predikt/core";
import type { z as Zod } from "zod";
import { type ManifestSchemas, manifestSchemas } from "./manifest-schema.ts";

let schemas: ManifestSchemas | undefined;

/** Reads a JSON file and checks it. @throws ConfigError CONFIG_INVALID, all that is wrong with it; BackendError BACKEND_MISSING without zod */
export async function readJson<T>(
  path: string,
  shown: string,
  maxBytes: number,
  schema: (schemas: ManifestSchemas) => Zod.ZodType<T>,
): Promise<T> {
  const { size } = await stat(path);
  if (size > maxBytes) throw new ConfigError(shown, `at most ${maxBytes} bytes`, `${size}`);
  let value: unknown;
  try {
    // A byte order mark is what some editors begin with.
    value = JSON.parse((await readFile(path, "utf8")).replace(/^\uFEFF/, ""));
  } catch {
    throw new ConfigError(shown, "JSON", "something else");
  }
  schemas ??= manifestSchemas((await loadZod()).z);
  const result = schema(schemas).safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.map(String).join(".") || "the file"}: ${expectedOf(issue)}`);
  throw new ConfigError(shown, issues.join("; "), "something else");
}

function expectedOf(issue: { readonly code: string; readonly message: string; readonly keys?: readonly string[] }): string {
  return issue.code === "unrecognized_keys" ? `no key ${issue.keys?.map((key) => JSON.stringify(key)).join(", ")}` : issue.message;
}

async function loadZod(): Promise<typeof import("zod")> {
  try {
    return await import("zod");
  } catch (cause) {
    throw new BackendError("BACKEND_MISSING", "a predikt.json is checked with zod, which is not installed: npm install zod", {
      cause,
      details: { package: "zod" },
    });
  }
}
