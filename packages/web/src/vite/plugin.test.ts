import { type Plugin, resolveConfig } from "vite";
import { describe, expect, expectTypeOf, it } from "vitest";
import { type PrediktPluginOptions, predikt } from "./plugin.ts";

/** The headers that Vite's two servers would send. */
async function sent(options?: PrediktPluginOptions): Promise<unknown[]> {
  const own = { headers: { "x-own": "1" } };
  const config = await resolveConfig({ configFile: false, plugins: [predikt(options)], server: own, preview: own }, "serve");
  return [config.server.headers, config.preview.headers];
}

describe("the Vite plugin", () => {
  it("is one of Vite's plugins", () => expectTypeOf(predikt()).toExtend<Plugin>());

  it("isolates pages on both servers, beside the headers that are there", async () => {
    const headers = { "x-own": "1", "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
    expect(await sent()).toEqual([headers, headers]);
  });

  it("lets files of other origins in where that is asked for", async () => {
    const headers = { "cross-origin-embedder-policy": "credentialless" };
    expect(await sent({ isolate: "credentialless" })).toMatchObject([headers, headers]);
  });

  it("sends nothing where that is asked for", async () => {
    expect(await sent({ isolate: false })).toEqual([{ "x-own": "1" }, { "x-own": "1" }]);
  });
});
