import { median } from "../lib/pairs.mjs";
import { missingChromium, startBrowser } from "./lib/chromium.mjs";
import { openSite } from "./lib/site.mjs";
import { measureIn } from "./lib/visit.mjs";

/** Time per prediction. */
export const predict = {
  name: "web-transformers",
  what: "an image classifier of 7 MB on WASM, one thread, in a worker, against @huggingface/transformers on the page's thread with the same file and input: time per prediction",
  target: 1.05,
  inBrowser: true,
  missing: missingChromium,
  async measure({ quick }) {
    const { theirsMs, oursMs, ratio } = await measureIn("transformers", { quick });
    return { ratio, transformersMs: theirsMs, oursMs };
  },
};

/** Time to ready. */
export const ready = {
  name: "web-transformers-ready",
  what: "the same: time from the navigation to the first prediction of a first visit, the runtime that each takes by itself on this machine's own site",
  target: 1.05,
  inBrowser: true,
  missing: missingChromium,
  async measure({ quick }) {
    const site = await openSite();
    const browser = await startBrowser();
    const times = { "visit-transformers": [], "visit-predikt": [] };
    try {
      for (let round = 0; round < (quick ? 1 : 11); round++) {
        const order = Object.keys(times);
        for (const name of round % 2 === 0 ? order : order.reverse()) {
          // A context has a cache and a store of its own.
          const context = await browser.newContext();
          const page = await context.newPage();
          await page.goto(site.page(name));
          times[name].push(await page.evaluate(() => globalThis.firstPrediction));
          await context.close();
        }
      }
    } finally {
      await browser.close();
      await site.close();
    }
    const [theirs, ours] = Object.values(times);
    return {
      ratio: median(ours.map((ms, round) => ms / theirs[round])),
      transformersMs: median(theirs),
      oursMs: median(ours),
    };
  },
};
