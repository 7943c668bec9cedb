import { spawn, spawnSync } from "node:child_process";

/** Whether this machine has promtool, of Debian's package `prometheus`. */
export const hasPromtool: boolean = spawnSync("promtool", ["--version"], { stdio: "ignore" }).status === 0;

/** What `promtool check metrics` says of a scrape: nothing where it is right. */
export function complaints(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("promtool", ["check", "metrics"], { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (said += part));
    child.on("error", reject);
    child.on("close", (code) => resolve(code === 0 ? said : said || `ended with ${code}`));
    child.stdin.end(text);
  });
}
