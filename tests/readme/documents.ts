import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./snippets.ts";

const generated = /(^|\/)(node_modules|dist|\.cache|\.git|coverage)(\/|$)/;

/** The project's own Markdown files. What else lies in a folder, such as somebody's notes, is not the project's: git knows, where there is one. */
export const documents: readonly string[] = (tracked() ?? readdirSync(root, { recursive: true, encoding: "utf8" })).filter(
  (path) => path.endsWith(".md") && !generated.test(path) && existsSync(join(root, path)),
);

function tracked(): string[] | undefined {
  try {
    const command = ["ls-files", "-z", "--cached"];
    return execFileSync("git", command, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split("\0");
  } catch {
    return undefined;
  }
}
