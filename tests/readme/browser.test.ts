import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { chromiumPath, noGpu, visit } from "../browser/chromium.ts";
import { linked } from "../browser/site.ts";
import { documents } from "./documents.ts";
import { root, type Snippet, snippetsOf } from "./snippets.ts";

// Blocks for a browser are run in one, without a bundler: compiled, and with the packages by an import map.

const isForBrowsers = ({ name, code, typesOnly }: Snippet): boolean =>
  typesOnly === undefined && name.endsWith(".ts") && /from "@predikt\/web/.test(code) && !/hostDefinitions/.test(code);
const shown = documents.filter((document) => snippetsOf(document).some(isForBrowsers));

const compiled = ({ code }: Snippet): string =>
  linked(ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } }).outputText);
const model = (path: string): Uint8Array => readFileSync(join(root, "examples", path));

it("finds the documents that are about browsers", () => {
  expect(shown).toEqual(
    expect.arrayContaining(["docs/guides/browser.md", "docs/guides/offline.md", "docs/guides/without-webgpu.md", "packages/web/README.md"]),
  );
});

describe.skipIf(chromiumPath === undefined).each(shown)("%s in Chromium (needs it: scripts/tools)", (document) => {
  const blocks = [...snippetsOf("README.md").filter(({ name }) => name === "digits.ts"), ...snippetsOf(document)];
  const scripts = Object.fromEntries(
    blocks.map((block) => [
      `/${block.name}`,
      (_req: unknown, res: { setHeader(name: string, value: string): { end(text: string): void } }) =>
        res.setHeader("content-type", "text/javascript").end(compiled(block)),
    ]),
  );

  it.each(
    snippetsOf(document)
      .filter(isForBrowsers)
      .map(({ name, line }) => [name, line] as const),
  )("%s (line %i) runs", async (name) => {
    const files = { ...scripts, "/digits.onnx": model("digits/digits.onnx"), "/linear.onnx": model("linear-regression/linear.onnx") };
    const { page, complaints, close } = await visit(noGpu, { files });
    try {
      const said: string[] = [];
      page.on("console", (message) => said.push(message.text()));
      await page.evaluate(`import("/${name}")`);
      expect(complaints).toEqual([]);
      expect(said.length).toBeGreaterThan(0);
    } finally {
      await close();
    }
  });
});
