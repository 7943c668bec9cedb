import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { read, root, type Source, workspaceSources } from "./architecture/sources.ts";

// The rules of docs/architecture.md, read off the sources themselves: each test lists what breaks its rule, and expects nothing.

const packages = ["core", "node", "web", "react"] as const;
type Package = (typeof packages)[number];

const sources: Record<Package, Source[]> = { core: read("core"), node: read("node"), web: read("web"), react: read("react") };
const everything: Source[] = packages.flatMap((name) => sources[name]);
const production = (list: readonly Source[]): Source[] => list.filter((source) => source.production);

/** `file imports name` for each import that the rule forbids. */
function breaches(list: readonly Source[], forbidden: (name: string, source: Source, how: Source["imports"][number]) => boolean): string[] {
  return list.flatMap((source) =>
    source.imports.filter((how) => forbidden(how.name, source, how)).map(({ name }) => `${source.file} imports ${name}`),
  );
}

const isNode = (name: string): boolean => name.startsWith("node:") || builtinModules.includes(name);
const isRuntime = (name: string): boolean => /^onnxruntime-(node|web)(\/|$)/.test(name);
const isFramework = (name: string): boolean => /^(express|fastify|react|react-dom)(\/|$)/.test(name);
const isPackage = (name: string, ...of: Package[]): boolean =>
  of.some((p) => name === `@predikt/${p}` || name.startsWith(`@predikt/${p}/`));
/** The file that a relative import names, from the repository's root. */
const target = (name: string, { file }: Source): string | undefined =>
  name.startsWith(".") ? relative(root, join(root, dirname(file), name)) : undefined;
const inFolder = (path: string | undefined, folder: string): boolean => path?.startsWith(`${folder}/`) === true;

it("reads the sources", () => {
  expect(sources.core.length).toBeGreaterThan(50);
  expect(sources.node.length).toBeGreaterThan(10);
  expect(everything.flatMap((source) => source.imports).length).toBeGreaterThan(200);
});

describe("core", () => {
  it("imports no Node module, framework, runtime or schema library", () => {
    expect(breaches(production(sources.core), (name) => isNode(name) || isRuntime(name) || isFramework(name) || name === "zod")).toEqual(
      [],
    );
  });

  it("imports no package of its own house", () => {
    expect(breaches(production(sources.core), (name) => isPackage(name, ...packages))).toEqual([]);
  });

  it("uses nothing that only a browser or only Node has", () => {
    const forbidden =
      /(?<![.\w"'`-])(?:(document|window|navigator|localStorage|process|Buffer)\s*[.[]|(require|setImmediate)\s*\(|__dirname\b)/;
    const found = production(sources.core).flatMap(({ file, text }) =>
      stripped(text)
        .split("\n")
        .filter((line) => forbidden.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  it("keeps types/ free of everything else", () => {
    const types = sources.core.filter(({ file }) => file.startsWith("packages/core/src/types/"));
    const foreign = (name: string, source: Source): boolean =>
      name.startsWith(".") && !inFolder(target(name, source), "packages/core/src/types");
    expect(breaches(types, foreign)).toEqual([]);
    expect(breaches(types, (_name, _source, { typeOnly }) => !typeOnly)).toEqual([]);
  });

  it.each([
    ["errors", ["errors"]],
    ["tensor", ["errors", "types", "tensor"]],
    ["batching", ["errors", "types", "tensor", "batching"]],
    ["predictor", ["errors", "types", "tensor", "batching", "model", "predictor"]],
    ["registry", ["errors", "types", "tensor", "model", "predictor", "runtime", "registry"]],
    ["onnx", ["errors", "types", "tensor", "onnx"]],
    ["runtime", ["errors", "types", "tensor", "runtime"]],
    ["preprocess", ["errors", "types", "tensor", "preprocess"]],
    ["postprocess", ["errors", "types", "tensor", "postprocess"]],
  ])("%s/ looks only towards its own foundations", (room, allowed) => {
    const home = "packages/core/src";
    const files = production(sources.core).filter(({ file }) => file.startsWith(`${home}/${room}/`));
    expect(files.length).toBeGreaterThan(0);
    const ok = (path: string): boolean => allowed.some((part) => path === `${home}/${part}` || path.startsWith(`${home}/${part}/`));
    const strays = files.flatMap((source) =>
      source.imports
        .filter(({ name, typeOnly }) => name.startsWith(".") && !typeOnly && !ok(target(name, source) as string))
        .map(({ name }) => `${source.file} imports ${name}`),
    );
    expect(strays).toEqual([]);
  });
});

describe("node, web and react", () => {
  it("depend on core, never on one another", () => {
    expect(breaches(production(sources.node), (name) => isPackage(name, "web", "react", "node"))).toEqual([]);
    expect(breaches(production(sources.web), (name) => isPackage(name, "node", "react", "web"))).toEqual([]);
    expect(breaches(production(sources.react), (name) => isPackage(name, "node", "web", "react"))).toEqual([]);
  });

  it("web and react run in a browser", () => {
    expect(breaches(production([...sources.web, ...sources.react]), isNode)).toEqual([]);
    expect(breaches(production(sources.react), isRuntime)).toEqual([]);
  });

  it("an adapter sees core/serving and its framework, never a runtime", () => {
    const adapters = production(sources.node).filter(({ file }) => file.startsWith("packages/node/src/adapters/"));
    expect(adapters.length).toBeGreaterThan(2);
    const forbidden = (name: string, source: Source): boolean =>
      isRuntime(name) ||
      name === "onnxruntime-common" ||
      (isPackage(name, "core") && name !== "@predikt/core/serving") ||
      (name.startsWith(".") && !inFolder(target(name, source), "packages/node/src/adapters"));
    expect(breaches(adapters, forbidden)).toEqual([]);
  });

  it("the runtime is loaded lazily: nothing imports it statically but for its types", () => {
    expect(breaches(production(sources.node), (name, _source, { typeOnly, dynamic }) => isRuntime(name) && !typeOnly && !dynamic)).toEqual(
      [],
    );
  });
});

describe("every package", () => {
  it("reaches others by their exports, never into their src", () => {
    const into = (name: string, source: Source): boolean => {
      const path = target(name, source);
      const own = source.file.split("/").slice(0, 2).join("/");
      return name.includes("/src/") || (path !== undefined && !inFolder(path, own));
    };
    expect(breaches(everything, into)).toEqual([]);
    expect(breaches(workspaceSources(), (name) => /packages\/\w+\/src|@predikt\/\w+\/src/.test(name))).toEqual([]);
  });

  it("keeps testing/ out of production", () => {
    const forbidden = (name: string, source: Source): boolean =>
      !source.file.includes("/src/testing/") &&
      (name === "@predikt/core/testing" || target(name, source)?.includes("/src/testing/") === true);
    expect(breaches(production(everything), forbidden)).toEqual([]);
  });

  it("has no file that imports its own package's index", () => {
    const own = (name: string, source: Source): boolean => /^packages\/\w+\/src\/index\.ts$/.test(target(name, source) ?? "");
    expect(breaches(production(everything), own)).toEqual([]);
  });

  it("has an index that only re-exports", () => {
    const indexes = everything.filter(({ file }) => file.endsWith("/index.ts"));
    const bodies = indexes.filter(
      ({ file, text }) => !ts.createSourceFile(file, text, ts.ScriptTarget.ESNext).statements.every(ts.isExportDeclaration),
    );
    expect(bodies.map(({ file }) => file)).toEqual([]);
  });

  it("keeps its files short", () => {
    const tooLong = everything.filter(({ lines, production }) => lines > (production ? 300 : 600));
    expect(tooLong.map(({ file, lines }) => `${file}: ${lines} lines`)).toEqual([]);
  });

  it("has no leftovers: no TODO, no FIXME, no focused or silenced test", () => {
    const marks = /\b(TODO|FIXME|XXX)\b|\b(it|test|describe)\.(only|skip|todo)\(/;
    expect([...everything, ...workspaceSources()].filter(({ text }) => marks.test(text)).map(({ file }) => file)).toEqual([
      "tests/architecture.test.ts",
    ]);
  });

  it.each(packages)("%s has a manifest that keeps the promises", (name) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
    expect(manifest).toMatchObject({
      name: `@predikt/${name}`,
      license: "MIT",
      type: "module",
      // A worker's script is imported for what it does.
      sideEffects: name === "web" ? ["./dist/worker.js"] : false,
      engines: { node: ">=20.19" },
    });
    // What is published lacks only the condition that names the sources, which are not.
    const published = JSON.parse(JSON.stringify(manifest.exports, (key, value) => (key === "@predikt/source" ? undefined : value)));
    expect(manifest.publishConfig.exports).toEqual(published);
    const used = new Set(production(sources[name]).flatMap(({ imports }) => imports.map((i) => packageOf(i.name))));
    used.delete(undefined);
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    // What the build copies into the package need not be installed beside it.
    const build = readFileSync(join(root, "packages", name, "tsup.config.ts"), "utf8");
    const missing = [...used].filter((dependency) => !declared.includes(dependency as string) && !build.includes(`"${dependency}"`));
    expect(missing).toEqual([]);
  });
});

/** The npm package that an import names; undefined for files and Node's own modules. */
function packageOf(name: string): string | undefined {
  if (name.startsWith(".") || isNode(name)) return undefined;
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Source text without comments and strings. */
function stripped(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "").replace(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, '""');
}
