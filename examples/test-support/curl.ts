import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const examples = fileURLToPath(new URL("..", import.meta.url));

/** Whether this machine has curl. */
export const hasCurl: boolean = await promisify(execFile)("curl", ["--version"]).then(
  () => true,
  () => false,
);

/** The JSON that a line prints when it is pasted into a shell. */
export async function paste(line: string, { cwd = "/" } = {}): Promise<unknown> {
  const { stdout } = await promisify(execFile)("sh", ["-c", line], { cwd });
  return JSON.parse(stdout);
}

/** What the curl lines of an example's README print in its folder, with the server at `origin` instead of port 3000. */
export function pasteReadme(example: string, origin: string): Promise<unknown[]> {
  const lines = readFileSync(`${examples}${example}/README.md`, "utf8").match(/^curl .*$/gm) ?? [];
  return Promise.all(lines.map((line) => paste(line.replace("http://127.0.0.1:3000", origin), { cwd: examples + example })));
}
