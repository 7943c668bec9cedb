import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, snippetsOf } from "./snippets.ts";

/** The reader's folder for a document: below the tests' own, whose dependencies stand for what the document says to install. */
export function folderOf(document: string, base: string): string {
  return join(base, document.toLowerCase().replaceAll(/[^a-z]+/g, "-"));
}

/**
 * Does what a document tells its reader to do: makes the folder by the document's own commands, and writes its snippets and the models that they load
 * into it. A package's page or a guide builds on the main one, and on its `digits.ts`.
 */
export function lay(document: string, base: string): void {
  const folder = folderOf(document, base);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync("sh", ["-c", setUp(document) ?? setUp("README.md") ?? "exit 1"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  if (/^(packages|docs\/guides)\//.test(document)) write(folder, "README.md", ({ name }) => name === "digits.ts");
  write(folder, document, () => true);
  copyFileSync(join(root, "examples/linear-regression/linear.onnx"), join(folder, "linear.onnx"));
  copyFileSync(join(root, "examples/digits/digits.onnx"), join(folder, "digits.onnx"));
}

function setUp(document: string): string | undefined {
  return /^npm init .*$/m.exec(readFileSync(join(root, document), "utf8"))?.[0];
}

function write(folder: string, document: string, wanted: (snippet: { readonly name: string }) => boolean): void {
  for (const snippet of snippetsOf(document).filter(wanted)) writeFileSync(join(folder, snippet.name), snippet.code);
}
