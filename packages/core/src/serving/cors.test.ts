import { describe, expect, it } from "vitest";
import { createPredictor } from "../predictor/index.ts";
import { fakeBackend } from "../testing/index.ts";
import { unauthenticated } from "./access-hooks.ts";
import type { CorsOptions } from "./cors.ts";
import { toFetchHandler } from "./fetch-handler.ts";

async function site(cors: CorsOptions | undefined) {
  const model = await createPredictor({ backend: fakeBackend(), source: "m", name: "m" });
  const refuse = (): never => {
    throw unauthenticated("no");
  };
  const handler = toFetchHandler({ models: [model] as never, access: refuse, cors });
  const heads = async (method: string, origin: string | undefined, headers: Record<string, string> = {}, path = "/predict/m") => {
    const all = { ...headers, ...(origin === undefined ? {} : { origin }) };
    const reply = await handler(new Request(`http://h${path}`, { method, headers: all }));
    const of = (name: string): string | null => reply.headers.get(name);
    return { status: reply.status, origin: of("access-control-allow-origin"), vary: of("vary"), of };
  };
  return heads;
}

const app = "https://app.example.com";
const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "content-type,authorization" };

describe("CORS", () => {
  it("answers a preflight without credentials, for origins of the list", async () => {
    const heads = await site({ origins: [app], credentials: true, requestHeaders: ["X-Own"], maxAgeMs: 5500 });
    const allowed = await heads("OPTIONS", app, preflight);
    expect(allowed).toMatchObject({ status: 204, origin: app, vary: "origin" });
    expect(allowed.of("access-control-allow-methods")).toBe("POST");
    expect(allowed.of("access-control-allow-headers")).toMatch(/^content-type, authorization, .*x-predikt-timeout-ms.*, X-Own$/);
    expect(allowed.of("access-control-allow-credentials")).toBe("true");
    expect(allowed.of("access-control-max-age")).toBe("5");
    expect(await heads("OPTIONS", "https://evil.example", preflight)).toMatchObject({ status: 204, origin: null, vary: "origin" });
    expect((await heads("OPTIONS", app, preflight, "/models")).of("access-control-allow-methods")).toBe("GET, HEAD");
  });

  it("lets pages read replies, errors and unknown routes too", async () => {
    const heads = await site({ origins: (origin) => origin.endsWith(".example.com") });
    const refused = await heads("POST", app);
    expect(refused).toMatchObject({ status: 401, origin: app, vary: "origin" });
    expect(refused.of("access-control-expose-headers")).toContain("x-request-id");
    expect(await heads("GET", app, {}, "/nowhere")).toMatchObject({ status: 404, origin: app });
    expect(await heads("GET", undefined, {}, "/health/live")).toMatchObject({ status: 200, origin: null, vary: "origin" });
    const broken = await site({
      origins: () => {
        throw new Error("no");
      },
    });
    expect(await broken("POST", app)).toMatchObject({ status: 401, origin: null });
  });

  it("lets all in where it is told to, and none by default", async () => {
    expect(await (await site({ origins: "*" }))("POST", app)).toMatchObject({ origin: "*", vary: null });
    expect(await (await site(undefined))("OPTIONS", app, preflight)).toMatchObject({ status: 204, origin: null, vary: null });
    expect((await (await site({ origins: "*" }))("OPTIONS", app)).of("access-control-allow-methods")).toBeNull();
  });

  it("refuses wrong options", async () => {
    const config = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });
    await expect(site({ origins: "*", credentials: true })).rejects.toEqual(config("cors.origins"));
    await expect(site({ origins: ["app.example.com"] })).rejects.toEqual(config("cors.origins"));
    await expect(site({ origins: ["https://app.example.com/"] })).rejects.toEqual(config("cors.origins"));
    await expect(site({ origins: "*", maxAgeMs: -1 })).rejects.toEqual(config("cors.maxAgeMs"));
    await expect(site({ origins: "*", requestHeaders: ["a\nb"] })).rejects.toEqual(config("cors.requestHeaders"));
    await expect(site({ origins: "*", origin: app } as never)).rejects.toEqual(config("cors.origin"));
  });
});
