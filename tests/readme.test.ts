import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documents } from "./readme/documents.ts";
import { folderOf, lay } from "./readme/folder.ts";
import { freePort, listening, type Running, start } from "./readme/runner.ts";
import { root, snippetsOf } from "./readme/snippets.ts";

// Every TypeScript block of every document is type-checked against the built packages and run, in a folder made as the document says. A block's first
// line names its file, so that others may import it. A block that listens on PORT stays up for those after it.

const shown = documents.filter((document) => snippetsOf(document).length > 0);
const base = join(root, "tests/.cache/readme");
const tsc = join(root, "node_modules/typescript/bin/tsc");

beforeAll(() => {
  rmSync(base, { recursive: true, force: true });
  for (const document of shown) lay(document, base);
});

it("finds the documents that show code", () => {
  const known = ["README.md", "README.zh-CN.md", "docs/getting-started.md", "packages/react/README.md", "packages/web/README.md"];
  expect(shown).toEqual(expect.arrayContaining(known));
});

it("the two READMEs show the same code and the same commands", () => {
  const bare = (document: string): string[] => snippetsOf(document).map(({ code }) => code.replaceAll(/[ \t]*\/\/(?! \w+\.ts$).*$/gm, ""));
  expect(bare("README.zh-CN.md")).toEqual(bare("README.md"));
  const commands = (document: string): string[] =>
    [...readFileSync(join(root, document), "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = ""]) =>
      text.replaceAll(/ +#.*$/gm, ""),
    );
  expect(commands("README.zh-CN.md")).toEqual(commands("README.md"));
});

it("every block has the types it claims, under what tsc --init writes and the two options that the documents name", async () => {
  const fresh = join(base, "init");
  mkdirSync(fresh);
  execFileSync(process.execPath, [tsc, "--init"], { cwd: fresh, stdio: "ignore" });
  const { config } = ts.readConfigFile(join(fresh, "tsconfig.json"), ts.sys.readFile) as { config: { compilerOptions: object } };
  expect(config.compilerOptions).toMatchObject({ strict: true, noUncheckedIndexedAccess: true });
  const named = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/`("(?:types|rewriteRelativeImportExtensions)": [^`]+)`/g)];
  expect(named).toHaveLength(2);
  const options = { ...config.compilerOptions, ...JSON.parse(`{${named.map(([, option]) => option).join()}}`), noEmit: true };
  writeFileSync(join(base, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*/*.ts", "*/*.tsx"] }));
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", base], { cwd: root }).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe("");
});

describe.each(shown)("%s", (document) => {
  const servers: { readonly running: Running; readonly name: string }[] = [];
  const folder = folderOf(document, base);
  let port: number;

  beforeAll(async () => {
    port = await freePort();
  });
  afterAll(() => {
    for (const { running } of servers) running.child.kill("SIGKILL");
  });

  for (const { name, code, line, serves, typesOnly } of snippetsOf(document)) {
    // tests/readme/react.test.ts renders components, and tests/readme/browser.test.ts runs what is for a browser.
    if (typesOnly !== undefined || name.endsWith("x") || /from "@predikt\/web/.test(code)) continue;
    it(`${name} (line ${line}) runs`, async () => {
      const running = start(name, folder, port);
      if (serves) {
        servers.push({ running, name });
        if (await listening(running, port)) return;
      }
      const { code, stderr } = await running.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    });
  }

  it("its servers end cleanly when asked", async () => {
    for (const { running, name } of servers) {
      running.child.kill("SIGTERM");
      const { code, stderr } = await running.ended;
      expect({ name, stderr }).toEqual({ name, stderr: "" });
      // handleSignals drains, then lets the signal end the process.
      expect([0, "SIGTERM"]).toContain(code);
    }
  });
});
