import { readFile, stat } from "node:fs/promises";
import { type AccessHook, allOf, requireScopes } from "@predikt/core/serving";
import { type ApiKey, apiKeys } from "@predikt/node/access";
import * as z from "zod";
import { UsageError } from "../lib/failure.ts";
import type { Log } from "./log.ts";

/** How often the file is looked at, at most. */
const lookMs = 1000;

const schema = z.array(
  z.strictObject({
    id: z.string().min(1),
    hash: z.string().regex(/^[0-9a-f]{64}$/i, { error: "expected 64 hex digits, the SHA-256 of the key" }),
    scopes: z.array(z.string()).optional(),
    expiresAt: z.iso
      .datetime({ offset: true })
      .transform((text) => new Date(text))
      .optional(),
  }),
);

/**
 * Lets those ask whose keys a file holds, and what their scopes say. The file is read again when it has changed; where it then cannot be read, the keys that
 * were known stay.
 *
 * @throws UsageError where it cannot be read at first, or holds something else
 */
export async function fileAccess(path: string, log: Log): Promise<AccessHook> {
  let keys = await readKeys(path);
  let seen = (await stat(path)).mtimeMs;
  let lookedAt = performance.now();
  const current = async (): Promise<readonly ApiKey[]> => {
    if (performance.now() - lookedAt < lookMs) return keys;
    lookedAt = performance.now();
    try {
      const { mtimeMs } = await stat(path);
      if (mtimeMs !== seen) {
        keys = await readKeys(path);
        seen = mtimeMs;
        log.info(`${path} was read again: ${keys.length} keys`);
      }
    } catch (error) {
      log.warn(`the keys stay as they were: ${(error as Error).message}`);
    }
    return keys;
  };
  return allOf([apiKeys(current), requireScopes()]);
}

async function readKeys(path: string): Promise<readonly ApiKey[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new UsageError(`apiKeys: ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const checked = schema.safeParse(json);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new UsageError(`apiKeys: ${path}: ${issue?.path.join(".") || "the list"}: ${issue?.message}`);
}
