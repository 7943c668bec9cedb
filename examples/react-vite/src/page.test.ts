import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Browser, drawSeven, hasChromium, needsChromium, type Page, startBrowser, visit } from "../../test-support/browser.ts";
import { hasCurl, pasteReadme } from "../../test-support/curl.ts";
import { endAll, type Program, startNode } from "../../test-support/program.ts";

const pad = ".pad canvas";

describe.skipIf(!hasChromium)(`the page that npm start serves ${needsChromium}`, () => {
  let browser: Browser;
  let server: Program;
  let url: string;
  beforeAll(async () => {
    server = startNode(["scripts/start.mjs", "--no-setup", "--port", "0"]);
    browser = await startBrowser();
    await server.said(/Ctrl-C ends it/);
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(server.stdout())?.[0] as string;
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(async () => {
    endAll();
    await browser?.close();
  });

  const answer = (page: Page) => page.getByRole("region", { name: "Answer" });
  const where = (page: Page) => page.getByRole("region", { name: "Where it runs" });
  const choose = (page: Page, place: string) => page.getByRole("radio", { name: place }).check({ force: true });
  const readsSeven = (page: Page) => answer(page).getByText("It reads a 7").first().waitFor();

  it("reads what is drawn: on the device, which it names with the reason for what it skipped, and on the server", async () => {
    const { page, problems } = await visit(browser, url);
    await page.getByRole("progressbar").waitFor();
    await drawSeven(page, pad);
    await readsSeven(page);
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    expect(await where(page).textContent()).toMatch(/this device: WebAssembly[\s\S]*webgpu: .*no adapter/);
    expect(await page.getByRole("listitem").filter({ hasText: /^7/ }).textContent()).toMatch(/7\s*(100|9\d\.\d) %/);

    await choose(page, "WebAssembly");
    await where(page).getByText("nothing: it is the first choice").waitFor();
    await readsSeven(page);

    const asked = page.waitForRequest(`${url}/api/predict/digits`);
    await choose(page, "Server");
    await asked;
    await where(page).getByText("the server, over HTTP").waitFor();
    await readsSeven(page);

    await choose(page, "WebGPU");
    await answer(page).getByRole("alert").getByText("no adapter").waitFor();
    await choose(page, "Automatic");
    await readsSeven(page);
    expect(problems).toEqual([]);
  });

  it("runs on WebGPU where that is asked for, though the only GPU is software, and says why it would not be taken by itself", async () => {
    const withGpu = await startBrowser("software");
    try {
      const { page, problems } = await visit(withGpu, url);
      await drawSeven(page, pad);
      await where(page).getByText("webgpu: the adapter is software").waitFor();
      await choose(page, "WebGPU");
      await where(page).getByText("this device: WebGPU").waitFor();
      await readsSeven(page);
      expect(problems).toEqual([]);
    } finally {
      await withGpu.close();
    }
  });

  it.skipIf(!hasCurl)("answers what its README pastes (needs curl)", async () => {
    expect(await pasteReadme("react-vite", url)).toMatchObject([{ digit: 7 }, { y: expect.closeTo(6, 2) }]);
  });

  it("asks the server's default model", async () => {
    const { page, problems } = await visit(browser, url);
    await page.getByLabel("x =").fill("10");
    await page.getByText(/y = (20\.0|19\.9)\d+/).waitFor();
    expect(problems).toEqual([]);
  });

  it("is drawn on with the keyboard alone, and says what it reads", async () => {
    const { page, problems } = await visit(browser, url, { reducedMotion: "reduce" });
    await page.getByRole("application", { name: "Draw a digit, 0 to 9" }).focus();
    await page.keyboard.press("Space");
    for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      if (i % 2 === 0) await page.keyboard.press("ArrowLeft");
    }
    await page.keyboard.press("Space");
    await page.getByRole("status").getByText("It reads a 7").waitFor();
    await page.keyboard.press("Escape");
    await answer(page).getByText("Nothing drawn yet.").waitFor();
    await page.getByRole("button", { name: "Draw for me" }).click();
    await answer(page)
      .getByText(/It reads a \d/)
      .first()
      .waitFor();
    expect(problems).toEqual([]);
  });

  it("reads the text of an image, and shows where it stands", async () => {
    const { page, problems } = await visit(browser, `${url}/#/text`);
    await page.getByRole("button", { name: "Read it" }).click();
    await page.getByRole("progressbar").first().waitFor();
    await page.getByRole("status").getByText("12 lines read").waitFor();
    const text = page.getByRole("region", { name: "Text" });
    const lines = await text.locator(".words").allTextContents();
    expect(lines).toEqual([
      "BAKERY",
      "Rye bread",
      "4.20",
      "Apple tart",
      "3.75",
      "FRESH",
      "Coffee",
      "2.60",
      "since 1987",
      "Total",
      "10.55",
      "Goodbye",
    ]);
    // "FRESH" stands aslant, on the right.
    const corners = (await page.locator(".boxes polygon").nth(5).getAttribute("points"))
      ?.split(" ")
      .map((point) => point.split(",").map(Number));
    expect(await page.locator(".boxes polygon").count()).toBe(12);
    expect(corners?.[0]?.[0]).toBeGreaterThan(640);
    expect(corners?.[1]?.[1]).toBeLessThan((corners?.[0]?.[1] as number) - 10);
    await page.getByLabel("Choose an image").setInputFiles({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no image") });
    await page.getByRole("alert").getByText("That is no image").waitFor();
    expect(problems).toEqual([]);
  });

  // The last one: it ends the server.
  it("works on the second visit without any network", async () => {
    const { page, problems } = await visit(browser, url);
    await drawSeven(page, pad);
    await readsSeven(page);
    await page.evaluate(`navigator.serviceWorker.ready.then(() => true)`);
    // The SDK keeps the runtime's files once they are no longer in a hurry.
    const kept = `caches.open("predikt-files").then((cache) => cache.keys()).then((keys) => keys.map(({ url }) => url.split(".").pop()))`;
    await expect.poll(() => page.evaluate(kept), { timeout: 20_000 }).toContain("wasm");
    server.child.kill("SIGKILL");
    await server.ended;

    await page.reload();
    await choose(page, "WebAssembly");
    await drawSeven(page, pad);
    await readsSeven(page);
    await where(page).getByText("this device: WebAssembly").waitFor();
    // Only the server's own model is missed.
    expect(problems.filter((problem) => !problem.endsWith("/api/predict/linear)"))).toEqual([]);
  });
});
