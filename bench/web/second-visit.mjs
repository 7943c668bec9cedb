import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { median } from "../lib/pairs.mjs";
import { missingChromium, startBrowserOf } from "./lib/chromium.mjs";
import { source } from "./lib/photo.mjs";
import { openSite } from "./lib/site.mjs";

const names = ["visit-raw", "visit-raw-in-worker", "visit-predikt"];

export default {
  name: "web-second-visit",
  what: "second visit, browser started anew: time from the navigation to the first prediction of a model of 7 MB, against raw onnxruntime-web with the same runtime file, all in a warm HTTP cache and without a warm-up run; no byte of the model may come from the network",
  target: 1.15,
  inBrowser: true,
  missing: missingChromium,
  async measure({ quick }) {
    const site = await openSite();
    const folder = mkdtempSync(join(tmpdir(), "predikt-bench-"));
    const sha256 = createHash("sha256").update(site.photo).digest("hex");
    const visit = async (name, lingerMs) => {
      const context = await startBrowserOf(join(folder, name));
      try {
        const page = await context.newPage();
        await page.goto(`${site.page(name)}?sha256=${sha256}`);
        const ms = await page.evaluate(() => globalThis.firstPrediction);
        // A browser writes its caches by and by.
        await wait(lingerMs);
        return ms;
      } finally {
        await context.close();
      }
    };
    const times = Object.fromEntries(names.map((name) => [name, []]));
    try {
      for (const name of names) for (let i = 0; i < 2; i++) await visit(name, 3000);
      const before = site.sent(source);
      for (let round = 0; round < (quick ? 1 : 11); round++) {
        for (const name of round % 2 === 0 ? names : [...names].reverse()) {
          const sent = site.sent(source);
          times[name].push(await visit(name, 200));
          if (name === "visit-predikt" && site.sent(source) > sent) throw new Error("the second visit has downloaded the model again");
        }
      }
      const [raw, rawInWorker, ours] = names.map((name) => times[name]);
      const ratioTo = (theirs) => median(ours.map((ms, round) => ms / theirs[round]));
      return {
        ratio: ratioTo(raw),
        ratioToWorker: ratioTo(rawInWorker),
        rawMs: median(raw),
        rawInWorkerMs: median(rawInWorker),
        oursMs: median(ours),
        modelBytes: site.sent(source) - before,
      };
    } finally {
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
