import { afterEach, describe, expect, it } from "vitest";
import { drawSeven, hasChromium, needsChromium, startBrowser, visit } from "../../test-support/browser.ts";
import { hasCurl, pasteReadme } from "../../test-support/curl.ts";
import { endAll, startScript } from "../../test-support/program.ts";

afterEach(endAll);

async function serve(): Promise<string> {
  const program = startScript("vanilla-web", "start");
  const [origin] = await program.said(/http:\/\/127\.0\.0\.1:\d+/);
  return origin;
}

describe.skipIf(!hasChromium)(`a page without a bundler ${needsChromium}`, () => {
  it("reads what is drawn, and says what it runs on and why not on another device", async () => {
    const browser = await startBrowser();
    try {
      const { page, problems } = await visit(browser, await serve());
      await page.getByText("Draw something.").waitFor();
      await drawSeven(page, "#pad");
      await page.getByText(/It reads a 7, (100\.0|9\d\.\d) % sure\./).waitFor();
      expect(await page.locator("#where").textContent()).toMatch(/It runs on wasm\. Not on webgpu: .*no adapter/);
      await page.getByRole("button", { name: "Clear" }).click();
      await page.getByText("Draw something.").waitFor();
      await page.getByRole("button", { name: "Draw a 7 for me" }).click();
      await page.getByText("It reads a 7").waitFor();
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

it.skipIf(!hasCurl)("serves what its README pastes, and nothing beside its folders (needs curl)", async () => {
  const origin = await serve();
  expect(await pasteReadme("vanilla-web", origin)).toEqual([expect.objectContaining({ pixels: expect.any(Array) })]);
  for (const path of ["/package.json", "/modules/core/../package.json", "/models/%2e%2e/README.md"])
    expect((await fetch(origin + path)).status, path).toBe(404);
});
