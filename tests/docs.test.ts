import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { root } from "./readme/snippets.ts";

const skipped = /(^|\/)(node_modules|dist|\.cache|\.git|coverage)(\/|$)/;
const documents: string[] = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith(".md") && !skipped.test(path),
);

it("every link between documents leads somewhere", () => {
  expect(documents.length).toBeGreaterThan(10);
  const broken = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), "utf8").replaceAll(/```[\s\S]*?```/g, "");
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string).filter((link) => !/^[a-z]+:|^#/.test(link));
    const targets = links.map((link) => join(root, dirname(document), link.split("#")[0] as string));
    return targets.filter((target) => !existsSync(target)).map((target) => `${document} → ${relative(root, target)}`);
  });
  expect(broken).toEqual([]);
});

it("every decision is listed", () => {
  const index = readFileSync(join(root, "docs/decisions/README.md"), "utf8");
  const pages = readdirSync(join(root, "docs/decisions")).filter((page) => /^\d{4}-/.test(page));
  expect(pages.length).toBeGreaterThan(5);
  expect(pages.filter((page) => !index.includes(`(${page})`))).toEqual([]);
});

it("every script that documents name exists, in their own folder or in the root", () => {
  const rootScripts = scriptsOf(".");
  const missing = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), "utf8");
    const scripts = { ...rootScripts, ...scriptsOf(dirname(document)) };
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] as string);
    return named.filter((name) => scripts[name] === undefined).map((name) => `${document} → npm run ${name}`);
  });
  expect(missing).toEqual([]);
});

function scriptsOf(folder: string): Record<string, string> {
  const file = join(root, folder, "package.json");
  return existsSync(file) ? ((JSON.parse(readFileSync(file, "utf8")) as { scripts?: Record<string, string> }).scripts ?? {}) : {};
}
