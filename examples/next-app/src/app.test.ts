import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium, needsChromium, startBrowser, visit } from "../../test-support/browser.ts";
import { hasCurl, pasteReadme } from "../../test-support/curl.ts";
import { post, seven } from "../../test-support/http.ts";
import { endAll, startNode } from "../../test-support/program.ts";

const next = "node_modules/next/dist/bin/next";
const options = {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  env: { PORT: "0", NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
} as const;
let origin: string;

beforeAll(async () => {
  const build = startNode([next, "build"], options);
  expect(await build.ended, build.stdout() + build.stderr()).toBe(0);
  const server = startNode([next, "start", "--hostname", "127.0.0.1"], options);
  await server.said(/Ready in/);
  [origin = ""] = await server.said(/http:\/\/127\.0\.0\.1:\d+/);
});
afterAll(endAll);

it("predicts in its route handler, and refuses there what the definition refuses", async () => {
  expect(await post(`${origin}/api/predict/digits`, seven)).toMatchObject({ status: 200, json: { digit: 7 } });
  expect(await post(`${origin}/api/predict/digits`, { pixels: [1] })).toMatchObject({ status: 400, json: { code: "INPUT_SHAPE" } });
});

it.skipIf(!hasCurl)("answers what its README pastes (needs curl)", async () => {
  expect(await pasteReadme("next-app", origin)).toMatchObject([{ digit: 7 }, { name: "digits", state: "ready" }]);
});

describe.skipIf(!hasChromium)(`its page ${needsChromium}`, () => {
  it("is there before any script runs, and predicts on the device and on the server", async () => {
    expect(await (await fetch(origin)).text()).toContain("Nothing read yet.");
    const browser = await startBrowser();
    try {
      const { page, problems } = await visit(browser, origin);
      await page.getByRole("button", { name: "Read the 7" }).click();
      await page.getByRole("status").getByText("It reads a 7, on this device (wasm)").waitFor();
      await page.getByLabel("The server").check();
      await page.getByRole("button", { name: "Read the 7" }).click();
      await page.getByRole("status").getByText("It reads a 7, on the server").waitFor();
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
