import { setTimeout as wait } from "node:timers/promises";
import { missingChromium, renderersMb } from "./lib/chromium.mjs";
import { withPage } from "./lib/visit.mjs";

export default {
  name: "web-memory",
  what: "resident memory of the renderer processes after 50 × load, predict and close, against after the first 5",
  target: 1.1,
  inBrowser: true,
  missing: () => missingChromium() ?? (process.platform === "linux" ? undefined : "it reads /proc, which Linux has"),
  measure: ({ quick }) =>
    withPage("memory", async ({ browser, page }) => {
      const ofBrowser = await browser.newBrowserCDPSession();
      const ofPage = await page.context().newCDPSession(page);
      const idleMb = await renderersMb(ofBrowser);
      const after = async (times) => {
        await page.evaluate((given) => globalThis.measure(given), { times });
        // Workers end in their own time, and their memory goes after them.
        await ofPage.send("HeapProfiler.collectGarbage");
        await wait(1500);
        await ofPage.send("HeapProfiler.collectGarbage");
        return await renderersMb(ofBrowser);
      };
      const firstMb = await after(5);
      const lastMb = await after(quick ? 5 : 45);
      return { ratio: lastMb / firstMb, idleMb, after5Mb: firstMb, after50Mb: lastMb };
    }),
};
