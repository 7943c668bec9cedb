import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { documents } from "./readme/documents.ts";
import { root } from "./readme/snippets.ts";

it("every link between documents leads somewhere", () => {
  expect(documents.length).toBeGreaterThan(10);
  const broken = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), "utf8").replaceAll(/```[\s\S]*?```/g, "");
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string).filter((link) => !/^[a-z]+:|^#/.test(link));
    const targets = links.map((link) => join(root, dirname(document), decodeURIComponent(link.split("#")[0] as string)));
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

it("no document and no help text calls a script through pnpm, which npm's users do not have", () => {
  const files = [
    ...documents,
    "bench/main.mjs",
    "tests/operators/run.mjs",
    ...readdirSync(join(root, "scripts/lib")).map((name) => `scripts/lib/${name}`),
  ];
  const calls = files.filter((file) => /\bpnpm (run|bench|test|build|start)\b/.test(readFileSync(join(root, file), "utf8")));
  expect(calls).toEqual([]);
});

function scriptsOf(folder: string): Record<string, string> {
  const file = join(root, folder, "package.json");
  return existsSync(file) ? ((JSON.parse(readFileSync(file, "utf8")) as { scripts?: Record<string, string> }).scripts ?? {}) : {};
}
