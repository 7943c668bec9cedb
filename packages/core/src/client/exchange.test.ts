import { describe, expect, it } from "vitest";
import { exchange } from "./exchange.ts";
import { toLink } from "./options.ts";

describe("redirections", () => {
  /** Posts to a server that gives these replies, and tells what it was asked. */
  async function post(...replies: Response[]): Promise<{ readonly result: unknown; readonly asked: readonly RequestInit[] }> {
    const asked: RequestInit[] = [];
    const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => replies[asked.push(init) - 1] as Response;
    const link = toLink("https://s.test/api", { fetch: fetch as typeof globalThis.fetch });
    return { result: await exchange(link, { method: "POST", path: "/predict", headers: {}, body: "{}" }, undefined), asked };
  }

  const moved = (status: number): Response => new Response(null, { status, headers: { location: "https://elsewhere.test" } });
  const opaque = (): Response => Object.defineProperties(new Response(null), { type: { value: "opaqueredirect" }, ok: { value: false } });
  const followed = (reply: Response): Response => Object.defineProperty(reply, "redirected", { value: true });
  const lost = (status: number): object => ({
    error: expect.objectContaining({ code: "REMOTE_STATUS", details: { status }, message: expect.stringContaining("redirects") }),
  });

  it.each([301, 302, 303])("%d, which would lose the body, is an error that says so", async (status) => {
    const { result, asked } = await post(moved(status));
    expect(result).toMatchObject(lost(status));
    expect(asked).toMatchObject([{ redirect: "manual" }]);
  });

  it.each([307, 308])("%d is followed", async (status) => {
    const { result, asked } = await post(moved(status), Response.json({ y: 2 }));
    expect(result).toHaveProperty("body");
    expect(asked).toMatchObject([{ redirect: "manual" }, { method: "POST", body: "{}" }]);
    expect(asked[1]).not.toHaveProperty("redirect");
  });

  it("in a browser, which does not tell which one it is, is followed and judged by what comes of it", async () => {
    expect((await post(opaque(), followed(Response.json({ y: 2 })))).result).toHaveProperty("body");
    expect((await post(opaque(), followed(new Response("", { status: 405 })))).result).toMatchObject(lost(405));
  });
});
