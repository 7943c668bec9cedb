import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((each) => existsSync(each));

const options = {
  executablePath: path,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** Why no row that needs a browser can be measured here. */
export function missingChromium() {
  return path === undefined ? "it needs Chromium, which scripts/tools installs" : undefined;
}

/** The browser's name and version, undefined where there is none. */
export function chromiumVersion() {
  if (path === undefined) return undefined;
  return /\w+ [\d.]+/.exec(execFileSync(path, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))?.[0];
}

/** Starts the browser, with a profile that is gone with it. */
export function startBrowser() {
  return chromium.launch(options);
}

/** Starts the browser with the profile of a folder, as a user does who comes back. */
export function startBrowserOf(folder) {
  return chromium.launchPersistentContext(folder, options);
}

/** Resident memory of a browser's pages and their workers in MB, each shared page of it counted by its share. */
export async function renderersMb(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.filter(({ type }) => type === "renderer").reduce((sum, { id }) => sum + shareMb(id), 0);
}

function shareMb(pid) {
  const path = `/proc/${pid}/smaps_rollup`;
  // One that has ended since it was listed has none.
  if (!existsSync(path)) return 0;
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(path, "utf8"))?.[1] ?? 0) / 1000;
}
