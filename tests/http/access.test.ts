import { allOf, limitRate, requireScopes } from "@predikt/core/serving";
import { apiKeys, createApiKey } from "@predikt/node/access";
import { afterEach, describe, expect, it } from "vitest";
import { createSite } from "./models.ts";
import { at } from "./scenarios/scenario.ts";
import { type Ask, type Got, json, oneSocket, send } from "./send.ts";
import { adapters, type Served } from "./servers.ts";

const clearing: (() => unknown)[] = [];
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear();
});

const ada = createApiKey();
const app = "https://app.example.com";

describe.each(Object.entries(adapters))("access through %s", (_name, serve) => {
  async function start(): Promise<{ ask: (what: Ask) => Promise<Got>; replies: readonly { caller?: string | undefined }[] }> {
    const access = allOf([
      apiKeys([{ id: "ada", hash: ada.hash, scopes: ["predict:double", "metadata:*"] }]),
      requireScopes(),
      limitRate({ rows: { amount: 4, perMs: 3_600_000 }, bytes: { amount: 1000, perMs: 3_600_000 } }),
    ]);
    const site = await createSite({ access, cors: { origins: [app] } });
    const served: Served = await serve(site.options);
    clearing.push(
      () => site.close(),
      () => served.close(),
    );
    const ask = async (what: Ask): Promise<Got> => {
      const agent = oneSocket();
      try {
        return await send(served.origin, what, agent);
      } finally {
        agent.destroy();
      }
    };
    return { ask, replies: site.replies };
  }

  const key = { "x-api-key": ada.key };

  it("asks who it is and what they may, and leaves health open", async () => {
    const { ask, replies } = await start();
    const nobody = await ask({ path: at("/predict/double"), body: { x: 1 } });
    expect([nobody.status, nobody.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
    expect((await ask({ path: at("/health/live") })).status).toBe(200);
    expect(json(await ask({ path: at("/predict/double"), body: { x: 1 }, headers: key }))).toEqual({ y: 2 });
    expect(replies.at(-1)?.caller).toBe("ada");
    const forbidden = await ask({ path: at("/predict/pixels"), body: {}, headers: key });
    expect([forbidden.status, json(forbidden)]).toMatchObject([403, { code: "FORBIDDEN", details: { scope: "predict:pixels" } }]);
    expect((await ask({ path: at("/models"), headers: key })).status).toBe(200);
  });

  it("limits rows and bytes", async () => {
    const { ask } = await start();
    const batch = (items: number): Promise<Got> =>
      ask({ path: at("/predict/double/batch"), body: Array.from({ length: items }, () => ({ x: 1 })), headers: key });
    expect((await batch(3)).status).toBe(200);
    const refused = await batch(3);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(600);
    expect((await batch(5)).status).toBe(413);
    const large = { x: 1, pad: "*".repeat(950) };
    expect(json(await ask({ path: at("/predict/double"), body: large, headers: key }))).toMatchObject({ details: { limited: "bytes" } });
  });

  it("answers preflights of pages, and lets them read refusals", async () => {
    const { ask } = await start();
    const headers = { origin: app, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key,content-type" };
    const preflight = await ask({ method: "OPTIONS", path: at("/predict/double"), headers });
    expect(preflight).toMatchObject({
      status: 204,
      headers: { "access-control-allow-origin": app, "access-control-allow-methods": "POST" },
    });
    expect(preflight.headers["access-control-allow-headers"]).toContain("x-api-key");
    const refused = await ask({ path: at("/predict/double"), body: { x: 1 }, headers: { origin: app } });
    expect(refused).toMatchObject({ status: 401, headers: { "access-control-allow-origin": app, vary: "origin" } });
    const stranger = await ask({ path: at("/predict/double"), body: { x: 1 }, headers: { ...key, origin: "https://other.example" } });
    expect(stranger.headers["access-control-allow-origin"]).toBeUndefined();
  });
});
