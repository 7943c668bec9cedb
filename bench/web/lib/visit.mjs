import { startBrowser } from "./chromium.mjs";
import { openSite } from "./site.mjs";

/** Opens a page of the site in a browser, and gives what its function `measure` gives. */
export async function measureIn(name, options) {
  return withPage(name, ({ page }) => page.evaluate((given) => globalThis.measure(given), options));
}

/** Opens a page of the site in a browser, and closes them after the work. */
export async function withPage(name, work) {
  const site = await openSite();
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(site.page(name));
    return await work({ site, browser, page });
  } finally {
    await browser.close();
    await site.close();
  }
}
