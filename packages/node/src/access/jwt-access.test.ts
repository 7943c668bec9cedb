import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AccessRequest } from "@predikt/core/serving";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JwtOptions, jwtAccess } from "./jwt-access.ts";

const issuer = "https://issuer.example";
const audience = "models";
let mine: CryptoKey;
let foreign: CryptoKey;
let jwks: { keys: object[] };
let origin: string;
let asked = 0;
let broken = false;
const server = createServer((_req, res) => {
  asked++;
  res.writeHead(broken ? 500 : 200, { "content-type": "application/json" }).end(JSON.stringify(jwks));
});

beforeAll(async () => {
  const pair = await generateKeyPair("ES256");
  mine = pair.privateKey;
  foreign = (await generateKeyPair("ES256")).privateKey;
  jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "ES256" }] };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

interface Parts {
  readonly claims?: Record<string, unknown>;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string | number | undefined;
  readonly subject?: string | undefined;
  readonly key?: CryptoKey;
}

function token({ claims = {}, key = mine, ...parts }: Parts = {}): Promise<string> {
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "k1" });
  jwt.setIssuer(parts.issuer ?? issuer).setAudience(parts.audience ?? audience);
  if (!("subject" in parts)) jwt.setSubject("ada");
  if (!("expires" in parts)) jwt.setExpirationTime("1h");
  else if (parts.expires !== undefined) jwt.setExpirationTime(parts.expires);
  return jwt.sign(key);
}

function asking(authorization?: string): AccessRequest {
  return {
    method: "POST",
    header: (name) => (name === "authorization" ? authorization : undefined),
    requestId: "r",
    operation: "predict",
    model: "m",
  };
}

async function callerOf(options: Partial<JwtOptions>, text: string | undefined) {
  const hook = await jwtAccess({ jwks, issuer, audience, ...options });
  const request = asking(text === undefined ? undefined : `Bearer ${text}`);
  await hook(request);
  return request.caller;
}

describe("jwtAccess", () => {
  it("knows a caller and their scopes by a token", async () => {
    expect(await callerOf({}, await token({ claims: { scope: "predict:m metadata" } }))).toEqual({
      id: "ada",
      scopes: ["predict:m", "metadata"],
    });
    expect(await callerOf({}, await token({ claims: { scp: ["predict", 3] } }))).toEqual({ id: "ada", scopes: ["predict"] });
    const own = { callerOf: (payload: Readonly<Record<string, unknown>>) => ({ id: String(payload["client"]) }) };
    expect(await callerOf(own, await token({ subject: undefined, claims: { client: "shop" } }))).toEqual({ id: "shop" });
  });

  it("refuses any other token, says why, and tells nothing of it", async () => {
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(`{"sub":"ada","iss":"${issuer}"}`).toString("base64url")}.`;
    const cases: [string | undefined, string | undefined][] = [
      [await token({ key: foreign }), "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"],
      [await token({ issuer: "https://other.example" }), "ERR_JWT_CLAIM_VALIDATION_FAILED"],
      [await token({ audience: "others" }), "ERR_JWT_CLAIM_VALIDATION_FAILED"],
      [await token({ expires: 1000 }), "ERR_JWT_EXPIRED"],
      [await token({ expires: undefined }), "ERR_JWT_CLAIM_VALIDATION_FAILED"],
      [await token({ subject: undefined }), undefined],
      [unsigned, "ERR_JOSE_ALG_NOT_ALLOWED"],
      ["no.token", "ERR_JWS_INVALID"],
      [undefined, undefined],
    ];
    for (const [text, reason] of cases) {
      const error = (await callerOf({}, text).catch((thrown: unknown) => thrown)) as Error & { details: Record<string, unknown> };
      expect(error).toMatchObject({ code: "UNAUTHENTICATED", status: 401 });
      expect(error.cause).toBeUndefined();
      expect(error.details["reason"]).toBe(reason);
      const told = JSON.stringify([error, error.message, error.details, error.stack]);
      for (const part of text?.split(".") ?? []) if (part.length > 8) expect(told).not.toContain(part);
      expect(told).not.toContain("ada");
    }
    await expect(callerOf({ algorithms: ["RS256"] }, await token())).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("takes no public key for a secret, and no token that is not valid yet, but for a little skew", async () => {
    const { publicKey } = await generateKeyPair("RS256", { extractable: true });
    const secret = new TextEncoder().encode(await exportSPKI(publicKey));
    const forged = await new SignJWT({})
      .setProtectedHeader({ alg: "HS256", kid: "rsa" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject("eve")
      .setExpirationTime("1h")
      .sign(secret);
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: "rsa" }] };
    await expect(callerOf({ jwks: keys }, forged)).rejects.toMatchObject({ details: { reason: "ERR_JOSE_ALG_NOT_ALLOWED" } });
    const now = Math.floor(Date.now() / 1000);
    const early = (seconds: number): Promise<string> => token({ claims: { nbf: now + seconds } });
    expect(await callerOf({ clockToleranceS: 60 }, await early(30))).toMatchObject({ id: "ada" });
    await expect(callerOf({}, await early(30))).rejects.toMatchObject({ details: { reason: "ERR_JWT_CLAIM_VALIDATION_FAILED" } });
    expect(await callerOf({ clockToleranceS: 60 }, await token({ expires: now - 30 }))).toMatchObject({ id: "ada" });
    await expect(callerOf({}, await token({ expires: now - 30 }))).rejects.toMatchObject({ details: { reason: "ERR_JWT_EXPIRED" } });
  });

  it("fetches the issuer's keys, keeps them, and does not blame the caller where it cannot", async () => {
    const hook = await jwtAccess({ jwks: `${origin}/jwks.json`, issuer, audience });
    const text = `Bearer ${await token()}`;
    await hook(asking(text));
    await hook(asking(text));
    expect(asked).toBe(1);
    broken = true;
    const late = await jwtAccess({ jwks: new URL(`${origin}/jwks.json`), issuer, audience });
    await expect(late(asking(text))).rejects.toMatchObject({ code: "REMOTE_UNREACHABLE", status: 502 });
    await expect(late(asking("Bearer no.token"))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const nowhere = await jwtAccess({ jwks: "http://127.0.0.1:1/jwks.json", issuer, audience });
    await expect(nowhere(asking(text))).rejects.toMatchObject({ code: "REMOTE_UNREACHABLE" });
  });

  it("refuses wrong options", async () => {
    const wrong = (options: object) => jwtAccess({ jwks, issuer, audience, ...options } as JwtOptions);
    const config = (path: string) => ({ code: "CONFIG_INVALID", details: { path } });
    await expect(wrong({ jwks: { keys: ["no key"] } })).rejects.toMatchObject(config("jwks"));
    await expect(wrong({ jwks: "http://issuer.example/jwks.json" })).rejects.toMatchObject(config("jwks"));
    await expect(wrong({ jwks: "no URL" })).rejects.toMatchObject(config("jwks"));
    await expect(wrong({ jwks: { keys: [{ kty: "oct", k: "secret" }] } })).rejects.toMatchObject(config("jwks"));
    await expect(wrong({ issuer: "" })).rejects.toMatchObject(config("issuer"));
    await expect(wrong({ audience: undefined })).rejects.toMatchObject(config("audience"));
    await expect(wrong({ algorithms: ["HS256"] })).rejects.toMatchObject(config("algorithms"));
    await expect(wrong({ algorithms: ["none"] })).rejects.toMatchObject(config("algorithms"));
    await expect(wrong({ clockToleranceS: -1 })).rejects.toMatchObject(config("clockToleranceS"));
  });
});
