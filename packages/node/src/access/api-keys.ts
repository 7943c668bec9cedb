import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { ConfigError } from "@predikt/core";
import { type AccessHook, type AccessRequest, bearerToken, type Caller, unauthenticated } from "@predikt/core/serving";

/** What a server keeps of an API key. */
export interface ApiKey {
  /** Names whom the key was given to, in limits and events. */
  readonly id: string;
  /** SHA-256 of the key, in hex: what {@link hashApiKey} gives. The key itself is kept nowhere. */
  readonly hash: string;
  /** What it may do, for `requireScopes`. Default: nothing that asks for a scope. */
  readonly scopes?: readonly string[] | undefined;
  /** When it ends. Default: never. */
  readonly expiresAt?: Date | undefined;
}

/** Options of `apiKeys`. */
export interface ApiKeysOptions {
  /** The request header that carries the key. `Authorization: Bearer` is read too. Default: `x-api-key`. */
  readonly header?: string | undefined;
}

/**
 * Makes an API key of 256 random bits: show the key to whom it is for, once, and keep the hash.
 *
 * @param prefix Stands before the key and tells people and secret scanners what it is: letters and digits. Default: `predikt`.
 * @throws ConfigError CONFIG_INVALID
 */
export function createApiKey(prefix = "predikt"): { readonly key: string; readonly hash: string } {
  if (!/^[A-Za-z0-9]{1,32}$/.test(prefix)) throw new ConfigError("prefix", "1 to 32 letters and digits", "something else");
  const key = `${prefix}_${randomBytes(32).toString("base64url")}`;
  return { key, hash: hashApiKey(key) };
}

/** SHA-256 of a key, in hex. A fast hash is right for keys that are random, and only for those. */
export function hashApiKey(key: string): string {
  return digest(key).toString("hex");
}

/**
 * An access hook that knows callers by an API key. Every hash is compared, each in constant time, whichever fits.
 *
 * The hook throws AccessError UNAUTHENTICATED where there is no key, or none that is known and has not ended. The key never stands in an error.
 *
 * @param keys What is kept of the keys, or a function that gives it anew for each request: from a file or a table that changes.
 * @throws ConfigError CONFIG_INVALID
 */
export function apiKeys(
  keys: readonly ApiKey[] | (() => readonly ApiKey[] | Promise<readonly ApiKey[]>),
  { header = "x-api-key" }: ApiKeysOptions = {},
): AccessHook {
  if (!/^[\w-]+$/.test(header)) throw new ConfigError("header", "the name of a header", "something else");
  const name = header.toLowerCase();
  const given = typeof keys === "function" ? undefined : prepare(keys);
  // Nothing of an earlier list is kept: it may be the same list with a key less.
  const known = async (): Promise<readonly Known[]> =>
    given ?? prepare(await (keys as () => readonly ApiKey[] | Promise<readonly ApiKey[]>)());

  return async (request) => {
    const key = keyIn(request, name);
    if (key === undefined) throw unauthenticated(`an API key is needed, in the header ${name} or as a bearer token`);
    const hash = digest(key);
    let found: Known | undefined;
    for (const each of await known()) if (timingSafeEqual(each.hash, hash)) found = each;
    if (found === undefined || (found.expiresAt !== undefined && found.expiresAt.getTime() <= Date.now()))
      throw unauthenticated("the API key is not valid", 'Bearer error="invalid_token"');
    request.caller = found.caller;
    return undefined;
  };
}

interface Known {
  readonly hash: Buffer;
  readonly caller: Caller;
  readonly expiresAt: Date | undefined;
}

function prepare(keys: readonly ApiKey[]): readonly Known[] {
  if (!Array.isArray(keys)) throw new ConfigError("keys", "a list of { id, hash }", typeof keys);
  return keys.map(({ id, hash, scopes, expiresAt }: ApiKey, index) => {
    const path = `keys[${index}]`;
    if (typeof id !== "string" || id === "") throw new ConfigError(`${path}.id`, "a name", typeof id);
    if (!/^[0-9a-f]{64}$/i.test(hash)) throw new ConfigError(`${path}.hash`, "64 hex digits: hashApiKey(key)", "something else");
    if (scopes !== undefined && !Array.isArray(scopes)) throw new ConfigError(`${path}.scopes`, "a list of scopes", typeof scopes);
    if (expiresAt !== undefined && !(expiresAt instanceof Date && Number.isFinite(expiresAt.getTime())))
      throw new ConfigError(`${path}.expiresAt`, "a date", typeof expiresAt);
    return { hash: Buffer.from(hash, "hex"), caller: { id, scopes }, expiresAt };
  });
}

/** Longer ones are no keys, and hashing them is work that anybody could ask for. */
function keyIn(request: AccessRequest, header: string): string | undefined {
  const key = request.header(header) ?? bearerToken(request);
  return key !== undefined && key !== "" && key.length <= 512 ? key : undefined;
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
