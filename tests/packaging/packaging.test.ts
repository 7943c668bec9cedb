import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, emptyProject, filesOf, npmInstall, packAll, packages, root, run, versionOf } from "./consumer.ts";

// The packages as users get them: packed, installed by npm outside of the repository, and run by plain node.

const folder = emptyProject();
const node = (program: string, ...args: string[]): Promise<Ended> => run(process.execPath, [join("src", program), ...args], folder);
const installed = (name: string): string => join(folder, "node_modules/@predikt", name);
let withoutRuntime: Ended;

beforeAll(async () => {
  const tarballs = Object.values(await packAll(folder));
  await npmInstall(folder, tarballs);
  withoutRuntime = await node("missing.mjs");
  await npmInstall(folder, [
    ...["onnxruntime-node", "fastify"].map((name) => versionOf("packages/node", name)),
    ...["react", "@types/react"].map((name) => versionOf("packages/react", name)),
    versionOf("tests", "express"),
    versionOf("tests", "zod"),
    versionOf("", "@types/node"),
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a tarball", () => {
  it.each(packages)("of %s holds what is built, a licence and a page, and nothing of the workspace", (name) => {
    const files = filesOf(installed(name));
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json", join("dist", "index.js")]));
    expect(files.filter((file) => /^src|\.test\.|tsconfig|tsup/.test(file))).toEqual([]);
    const manifest = readFileSync(join(installed(name), "package.json"), "utf8");
    expect(manifest).not.toMatch(/workspace:|@predikt\/source/);
  });

  it("of react is marked for the client, in both forms", () => {
    for (const file of ["index.js", "index.cjs"]) {
      expect(readFileSync(join(installed("react"), "dist", file), "utf8")).toMatch(/^"use client";/);
    }
  });
});

it("what the worker of web has of other packages is named in its notices", () => {
  const { sources } = JSON.parse(readFileSync(join(installed("web"), "dist/worker.js.map"), "utf8")) as { sources: string[] };
  const names = sources.map((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1]).filter((name) => name !== undefined);
  expect(names).toContain("onnxruntime-web");
  const notices = readFileSync(join(installed("web"), "THIRD-PARTY-NOTICES.md"), "utf8");
  // "common" is onnxruntime-common, as the runtime's own map calls it.
  expect([...new Set(names)].filter((name) => name !== "common" && !notices.includes(`## ${name} `))).toEqual([]);
});

describe("without a runtime, or zod", () => {
  it("says BACKEND_MISSING and which package to install, and nothing on stderr", () => {
    const { code, stdout, stderr } = withoutRuntime;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [cpu, wasm, manifest, ...others] = stdout.trim().split("\n");
    expect(cpu).toMatch(/^true BACKEND_MISSING .*npm install onnxruntime-node$/);
    expect(wasm).toMatch(/^true BACKEND_MISSING .*npm install onnxruntime-web$/);
    expect(manifest).toMatch(/^line: .*npm install zod$/);
    const image = "true BACKEND_MISSING sharp is not installed: npm install sharp";
    const [grpc, tokens, metrics, traces] = ["@grpc/grpc-js", "jose", "prom-client", "@opentelemetry/api"].map(
      (name) => `true BACKEND_MISSING ${name} is not installed: npm install ${name}`,
    );
    expect(others).toEqual([image, image, grpc, grpc, grpc, tokens, tokens, metrics, metrics, traces, traces]);
  });
});

describe("on a server that renders pages", () => {
  it("importing web and react touches nothing, and a predictor of the browser's says where it runs", async () => {
    expect(await node("server.mjs")).toEqual({ code: 0, stdout: "new globals: none\nBACKEND_UNAVAILABLE\n", stderr: "" });
  });
});

describe("with onnxruntime-node", () => {
  it("an ES module predicts in every execution, over HTTP too, and ends by itself", async () => {
    expect(await node("esm.mjs")).toEqual({
      code: 0,
      stdout: "inline 7\nworker 7\nprocess 7\nhttp 9\nerror INPUT_SHAPE 400\n",
      stderr: "",
    });
  });

  it("a CommonJS program does", async () => {
    expect(await node("cjs.cjs")).toEqual({ code: 0, stdout: "inline 6\ntrue\nworker 6\ntrue\nprocess 6\ntrue\n", stderr: "" });
  });

  it("errors survive two copies of core, by their marker", async () => {
    expect(await node("copies.mjs")).toEqual({
      code: 0,
      stdout: "two copies true\ninstanceof false false\nisPrediktError true true\nmixed BACKEND_MEMORY\nhttp 400 INPUT_MISSING\n",
      stderr: "",
    });
  });

  it("every entry point loads in both ways, with the same exports", async () => {
    const names = packages.flatMap((name) => {
      const { exports } = JSON.parse(readFileSync(join(installed(name), "package.json"), "utf8")) as { exports: Record<string, unknown> };
      // A worker's script has no exports and loads in a worker only; JSON is for editors, messages for other languages.
      const entries = Object.keys(exports).filter((entry) => !/\.(json|proto)$/.test(entry) && entry !== "./worker");
      return entries.map((entry) => `@predikt/${name}${entry.slice(1)}${JSON.stringify(exports).includes("require") ? "" : "!esm"}`);
    });
    const { code, stdout, stderr } = await node("resolve.mjs", ...names);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const found = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { name: string; esm: string[]; cjs: string[] });
    expect(found).toHaveLength(names.length);
    for (const { name, esm, cjs } of found) {
      expect(esm.length, name).toBeGreaterThan(0);
      expect(cjs, name).toEqual(esm);
    }
  });
});

describe("TypeScript", () => {
  const typed = (file: string, options: object, program = "typed.ts"): Promise<Ended> => {
    writeFileSync(join(folder, "src", file), readFileSync(join(root, "tests/packaging/programs", program)));
    // What `tsc --init` asks for. The lib of Symbol.asyncDispose is not in here: the declarations must bring it.
    const base = {
      ...{ target: "ES2022", lib: ["ES2022", "DOM"], types: ["node"], strict: true, noEmit: true, skipLibCheck: false },
      ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, isolatedModules: true, jsx: "react-jsx" },
    };
    const config = `tsconfig.${file}.${Object.values(options).join("-")}.json`;
    writeFileSync(join(folder, config), JSON.stringify({ compilerOptions: { ...base, ...options }, files: [join("src", file)] }));
    return run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config], folder);
  };
  const clean: Ended = { code: 0, stdout: "", stderr: "" };

  it("checks an ES module under node16", async () => {
    expect(await typed("esm.mts", { module: "node16", moduleResolution: "node16" })).toEqual(clean);
  });
  it("checks CommonJS under node16", async () => {
    expect(await typed("cjs.cts", { module: "node16", moduleResolution: "node16" })).toEqual(clean);
  });
  it("checks without Node's types, which know more of the language than the target", async () => {
    expect(await typed("browser.mts", { module: "node16", moduleResolution: "node16", types: [] }, "disposable.ts")).toEqual(clean);
  });
  it("checks under bundler resolution", async () => {
    expect(await typed("bundled.ts", { module: "esnext", moduleResolution: "bundler" })).toEqual(clean);
  });
});
