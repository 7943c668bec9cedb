import { AccessError, ConfigError, RemoteError } from "@predikt/core";
import { type AccessHook, bearerToken, type Caller, unauthenticated } from "@predikt/core/serving";
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from "jose";
import { loadJose } from "./load-jose.ts";

/** Options of `jwtAccess`. */
export interface JwtOptions {
  /** Where the issuer publishes its public keys, e.g. `https://issuer.example/.well-known/jwks.json`; HTTPS, unless it is this machine. Or the keys themselves. */
  readonly jwks: string | URL | { readonly keys: readonly object[] };
  /** The `iss` that tokens must have. */
  readonly issuer: string | readonly string[];
  /** The `aud` that tokens must have: this service. */
  readonly audience: string | readonly string[];
  /** Signatures that are taken; none is symmetric. Default: RS256, PS256, ES256, ES384, EdDSA, Ed25519. */
  readonly algorithms?: readonly string[] | undefined;
  /** How far clocks may differ, in seconds. At least 0. Default: 5. */
  readonly clockToleranceS?: number | undefined;
  /** Whom a valid token stands for. Default: `sub`, with the scopes of `scope` (words) or `scp` (words or a list). */
  readonly callerOf?: ((payload: Readonly<Record<string, unknown>>) => Caller) | undefined;
}

const asymmetric = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"];
const known = [...asymmetric, "RS384", "RS512", "PS384", "PS512", "ES512", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];

/**
 * Makes an access hook that knows callers by a JSON Web Token in `Authorization: Bearer`. It needs the package jose, which keeps and renews the key set. A token must
 * have an end (`exp`), and a `sub` unless `callerOf` says otherwise.
 *
 * The hook throws AccessError UNAUTHENTICATED for a token that is missing or not valid, with jose's code in `details.reason` and nothing of the token; RemoteError
 * REMOTE_UNREACHABLE where the key set cannot be fetched.
 *
 * @throws ConfigError CONFIG_INVALID; BackendError BACKEND_MISSING where jose is not installed
 */
export async function jwtAccess(options: JwtOptions): Promise<AccessHook> {
  const { jwks, issuer, audience, algorithms = asymmetric, clockToleranceS = 5, callerOf = defaultCaller } = options;
  checkNames("issuer", issuer);
  checkNames("audience", audience);
  if (!Array.isArray(algorithms) || algorithms.length === 0 || !algorithms.every((name) => known.includes(name)))
    throw new ConfigError("algorithms", `some of ${known.join(", ")}`, "others");
  if (!(Number.isFinite(clockToleranceS) && clockToleranceS >= 0))
    throw new ConfigError("clockToleranceS", "seconds ≥ 0", "something else");
  if (typeof callerOf !== "function") throw new ConfigError("callerOf", "a function", typeof callerOf);
  const remote = toUrl(jwks);
  const { createLocalJWKSet, createRemoteJWKSet, jwtVerify } = await loadJose();
  const keys = remote === undefined ? localKeys() : createRemoteJWKSet(remote, { timeoutDuration: 5000 });
  const rules: JWTVerifyOptions = {
    issuer: issuer as string | string[],
    audience: audience as string | string[],
    algorithms: [...algorithms],
    clockTolerance: clockToleranceS,
    requiredClaims: ["exp"],
  };

  function localKeys(): JWTVerifyGetKey {
    try {
      return createLocalJWKSet(jwks as unknown as JSONWebKeySet);
    } catch {
      throw new ConfigError("jwks", "a set of JSON Web Keys", "something else");
    }
  }

  return async (request) => {
    const token = bearerToken(request);
    if (token === undefined) throw unauthenticated("a bearer token is needed");
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keys, rules));
    } catch (error) {
      throw refusal(error, remote);
    }
    const caller = callerOf(payload);
    if (typeof caller?.id !== "string" || caller.id === "") throw invalid("the token names nobody");
    request.caller = caller;
    return undefined;
  };
}

function defaultCaller({ sub, scope, scp }: Readonly<Record<string, unknown>>): Caller {
  return { id: String(sub ?? ""), scopes: [scope, scp].flatMap(wordsOf) };
}

function wordsOf(scopes: unknown): string[] {
  if (typeof scopes === "string") return scopes.split(" ").filter((word) => word !== "");
  return Array.isArray(scopes) ? scopes.filter((word) => typeof word === "string") : [];
}

/** jose's errors hold the token's claims: they go no further. */
function refusal(error: unknown, remote: URL | undefined): Error {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  const reason = typeof code === "string" ? code : String(name);
  // What is wrong with the token has a code of its own; what is left went wrong on the way to the keys.
  const unreachable = remote !== undefined && !/^ERR_J(WT|WS|OSE_(ALG|NOT))|^ERR_JWKS_(NO|MULTIPLE)/.test(reason);
  if (unreachable)
    return new RemoteError("REMOTE_UNREACHABLE", "the issuer's keys cannot be fetched", { details: { host: remote.host, reason } });
  return invalid("the token is not valid", reason);
}

function invalid(message: string, reason?: string): AccessError {
  const challenge = 'Bearer error="invalid_token"';
  return new AccessError("UNAUTHENTICATED", message, { details: reason === undefined ? { challenge } : { challenge, reason } });
}

function toUrl(jwks: JwtOptions["jwks"]): URL | undefined {
  const expected = "an HTTPS URL, or { keys }";
  if (typeof jwks === "object" && jwks !== null && !(jwks instanceof URL)) {
    if (!Array.isArray(jwks.keys)) throw new ConfigError("jwks", expected, "an object without keys");
    // A symmetric key in the set would let whoever knows it make tokens.
    if (jwks.keys.some((key) => (key as { kty?: unknown }).kty === "oct")) throw new ConfigError("jwks", "public keys", "a secret one");
    return undefined;
  }
  if (!URL.canParse(String(jwks))) throw new ConfigError("jwks", expected, typeof jwks === "string" ? "another string" : typeof jwks);
  const url = new URL(jwks);
  const local = ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url.protocol !== "https:" && !(local && url.protocol === "http:")) throw new ConfigError("jwks", expected, `a ${url.protocol} URL`);
  return url;
}

function checkNames(path: string, value: unknown): void {
  const names = Array.isArray(value) ? value : [value];
  if (names.length === 0 || !names.every((name) => typeof name === "string" && name !== ""))
    throw new ConfigError(path, "a name, or a list of names", typeof value);
}
