import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, listening, type Running, start } from "./readme/runner.ts";
import { root, type Snippet, snippetsOf } from "./readme/snippets.ts";

// Every TypeScript block of these documents is type-checked against the built packages and run. A block's first line names its file, so that
// others may import it. ./linear.onnx (y = 2x) and ./digits.onnx lie beside them. A block that listens on PORT stays up for those after it.

const documents = ["README.md", "README.zh-CN.md", "docs/getting-started.md"];
const base = join(root, "tests/.cache/readme");
const folderOf = (document: string): string => join(base, document.replaceAll(/[^\w]+/g, "-"));

beforeAll(() => {
  rmSync(base, { recursive: true, force: true });
  for (const document of documents.filter((name) => existsSync(join(root, name)))) lay(document);
});

it("the documents are there and have something to run", () => {
  const missing = documents.filter((document) => !existsSync(join(root, document)));
  expect(missing).toEqual([]);
  expect(documents.filter((document) => snippetsOf(document).length === 0)).toEqual([]);
});

it("the two READMEs show the same code", () => {
  const bare = (document: string): string[] => snippetsOf(document).map(({ code }) => code.replaceAll(/[ \t]*\/\/(?! \w+\.ts$).*$/gm, ""));
  expect(bare("README.zh-CN.md")).toEqual(bare("README.md"));
});

it("every block has the types it claims", async () => {
  const options = {
    ...{ target: "ES2022", lib: ["ES2022", "ESNext.Disposable", "DOM"], module: "ESNext", moduleResolution: "Bundler" },
    ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, skipLibCheck: true, types: ["node"] },
  };
  writeFileSync(join(base, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*/*.ts"] }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", base], { cwd: root }).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe("");
});

describe.each(documents.filter((document) => existsSync(join(root, document))))("%s", (document) => {
  const servers: { readonly running: Running; readonly name: string }[] = [];
  const folder = folderOf(document);
  let port: number;

  beforeAll(async () => {
    port = await freePort();
  });
  afterAll(() => {
    for (const { running } of servers) running.child.kill("SIGKILL");
  });

  for (const { name, line, serves, typesOnly } of snippetsOf(document)) {
    if (typesOnly !== undefined) continue;
    it(`${name} (line ${line}) runs`, async () => {
      const running = start(name.replace(/ts$/, "js"), folder, port);
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

/** Lays a document's snippets out as files, compiled ones beside them, with the models they load. */
function lay(document: string): void {
  const folder = folderOf(document);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "linear.onnx"), linear());
  copyFileSync(join(root, "examples/digits/digits.onnx"), join(folder, "digits.onnx"));
  for (const snippet of snippetsOf(document)) writeSnippet(folder, snippet);
}

function writeSnippet(folder: string, { name, code }: Snippet): void {
  writeFileSync(join(folder, name), code);
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, rewriteRelativeImportExtensions: true },
  });
  writeFileSync(join(folder, name.replace(/ts$/, "js")), outputText);
}

/** y = 2x, x float32 [batch, 1]. */
function linear(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("Mul", ["x", "two"], ["y"])],
        inputs: [value("x", "float32", ["batch", 1])],
        outputs: [value("y", "float32", ["batch", 1])],
        initializers: [initializer("two", tensor("float32", [2]))],
      }),
    ),
  );
}
