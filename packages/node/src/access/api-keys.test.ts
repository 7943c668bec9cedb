import { createPredictor } from "@predikt/core";
import { allOf, requireScopes, toFetchHandler } from "@predikt/core/serving";
import { fakeBackend } from "@predikt/core/testing";
import { describe, expect, it } from "vitest";
import { type ApiKey, apiKeys, createApiKey, hashApiKey } from "./api-keys.ts";

async function site(keys: Parameters<typeof apiKeys>[0], options?: Parameters<typeof apiKeys>[1]) {
  const models = await Promise.all(["a", "b"].map((name) => createPredictor({ name, backend: fakeBackend(), source: "m" })));
  const told: unknown[] = [];
  const handler = toFetchHandler({
    models: models as never,
    access: allOf([apiKeys(keys, options), requireScopes()]),
    onReply: (event) => told.push(event),
    onError: (error) => told.push(error, error.toJSON()),
  });
  const ask = async (headers: Record<string, string>, model = "a") => {
    const reply = await handler(
      new Request(`http://h/predict/${model}`, {
        method: "POST",
        body: '{"x":[[1]]}',
        headers: { "content-type": "application/json", ...headers },
      }),
    );
    return { status: reply.status, challenge: reply.headers.get("www-authenticate"), text: await reply.text() };
  };
  return { ask, told };
}

describe("createApiKey", () => {
  it("makes keys that are long, different and say what they are", () => {
    const [one, two] = [createApiKey("shop"), createApiKey("shop")];
    expect(one.key).toMatch(/^shop_[\w-]{43}$/);
    expect(one.key).not.toBe(two.key);
    expect(one.hash).toBe(hashApiKey(one.key));
    expect(one.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashApiKey("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(() => createApiKey("a b")).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("apiKeys", () => {
  const mine = createApiKey();
  const other = createApiKey();
  const ended = createApiKey();
  const kept: readonly ApiKey[] = [
    { id: "ada", hash: mine.hash, scopes: ["predict:a"] },
    { id: "bob", hash: other.hash },
    { id: "eve", hash: ended.hash, scopes: ["*"], expiresAt: new Date(1) },
  ];

  it("knows a caller by the header or by a bearer token, and by nothing else", async () => {
    const { ask, told } = await site(kept);
    expect((await ask({ "x-api-key": mine.key })).status).toBe(200);
    expect((await ask({ authorization: `Bearer ${mine.key}` })).status).toBe(200);
    expect(told).toMatchObject([{ caller: "ada" }, { caller: "ada" }]);
    expect(await ask({})).toMatchObject({ status: 401, challenge: "Bearer" });
    for (const wrong of [`${mine.key}x`, mine.key.slice(0, -1), mine.hash, "x".repeat(600)])
      expect((await ask({ "x-api-key": wrong })).status).toBe(401);
    expect(await ask({ "x-api-key": "nobody's" })).toMatchObject({ status: 401, challenge: 'Bearer error="invalid_token"' });
    expect((await ask({ "x-api-key": ended.key })).status).toBe(401);
    expect((await ask({ "x-api-key": mine.key }, "b")).status).toBe(403);
    expect((await ask({ "x-api-key": other.key })).status).toBe(403);
    const custom = await site(kept, { header: "X-Shop-Key" });
    expect((await custom.ask({ "x-shop-key": mine.key })).status).toBe(200);
    expect((await custom.ask({ "x-api-key": mine.key })).status).toBe(401);
  });

  it("asks a function anew for each request", async () => {
    let keys: readonly ApiKey[] = [];
    const { ask } = await site(async () => keys);
    expect((await ask({ "x-api-key": mine.key })).status).toBe(401);
    keys = kept;
    expect((await ask({ "x-api-key": mine.key })).status).toBe(200);
    keys = kept.slice(1);
    expect((await ask({ "x-api-key": mine.key })).status).toBe(401);
    // The same list, changed in place.
    const list = [...kept];
    keys = list;
    expect((await ask({ "x-api-key": mine.key })).status).toBe(200);
    list.shift();
    expect((await ask({ "x-api-key": mine.key })).status).toBe(401);
  });

  it("never tells a key", async () => {
    const { ask, told } = await site(kept);
    const texts = await Promise.all([
      ask({ "x-api-key": `${mine.key}x` }),
      ask({ "x-api-key": mine.key }, "b"),
      ask({ "x-api-key": ended.key }),
    ]);
    const all = JSON.stringify([texts, told]);
    for (const secret of [mine.key, ended.key, mine.hash, ended.hash]) expect(all).not.toContain(secret);
  });

  it("refuses keys that are kept whole, and other mistakes", () => {
    const wrong = (keys: unknown, options?: object) => () => apiKeys(keys as ApiKey[], options);
    const config = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });
    expect(wrong([{ id: "a", hash: mine.key }])).toThrow(config("keys[0].hash"));
    expect(wrong([{ id: "a", hash: mine.key }])).not.toThrow(mine.key);
    expect(wrong([{ id: "", hash: mine.hash }])).toThrow(config("keys[0].id"));
    expect(wrong([{ id: "a", hash: mine.hash, scopes: "*" }])).toThrow(config("keys[0].scopes"));
    expect(wrong([{ id: "a", hash: mine.hash, expiresAt: "2030" }])).toThrow(config("keys[0].expiresAt"));
    expect(wrong({})).toThrow(config("keys"));
    expect(wrong([], { header: "x y" })).toThrow(config("header"));
  });
});
