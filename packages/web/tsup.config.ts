import { createReadStream, createWriteStream, readFileSync, rmSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { defineConfig, type Options } from "tsup";

const shared = {
  // A browser package: nothing here is of use to require(), and its assets need import.meta.url.
  format: ["esm"],
  sourcemap: true,
  target: "es2022",
} satisfies Options;

// Both builds write there; tsup's own cleaning would let one delete what the other has made.
rmSync("dist", { recursive: true, force: true });

export default defineConfig([
  {
    ...shared,
    entry: { index: "src/index.ts", image: "src/image/index.ts", definitions: "src/definitions/index.ts", vite: "src/vite/index.ts" },
    dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
    treeshake: true,
    onSuccess: copyRuntime,
  },
  {
    ...shared,
    // Whole in themselves: bundlers copy a worker's script as it is.
    entry: { worker: "src/worker/entry.ts", inline: "src/worker/inline.ts" },
    splitting: false,
    minify: true,
    noExternal: ["@predikt/core", "@noble/hashes", "onnxruntime-web"],
    esbuildPlugins: [
      {
        name: "bundlers that read these files find nothing to resolve",
        setup: ({ onLoad }) =>
          onLoad({ filter: /ort\.webgpu\.min\.mjs$/ }, ({ path }) => ({ contents: withoutAddresses(readFileSync(path, "utf8")) })),
      },
    ],
    // Written as it is, with the comments that tell bundlers to leave it alone, which no minifier keeps.
    banner: { js: "var importFile=(url)=>import(/*webpackIgnore:true*/ /*turbopackIgnore:true*/ /*@vite-ignore*/ url);" },
    // Without the runtime's own WebAssembly loader inside: that is one of the files in ort/.
    esbuildOptions: (options) => {
      options.conditions = ["onnxruntime-web-use-extern-wasm", "import", "browser"];
    },
    onSuccess: declareWorker,
  },
]);

/** What the worker's script exports: nothing. Importing it is all. */
async function declareWorker(): Promise<void> {
  await writeFile(
    "dist/worker.d.ts",
    "/** Answers the page's predictors from the worker that imports it. Outside of a worker it is of no use. */\nexport {};\n",
  );
}

/** The runtime's files, as they are; the largest is gzipped, since some hosts take no file of 25 MiB. */
async function copyRuntime(): Promise<void> {
  const from = dirname(createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"));
  await mkdir("dist/ort", { recursive: true });
  const names = ["ort-wasm-simd-threaded", "ort-wasm-simd-threaded.jspi", "ort-wasm-simd-threaded.asyncify"];
  for (const name of names) await copyFile(join(from, `${name}.mjs`), `dist/ort/${name}.mjs`);
  for (const name of names.slice(0, 2)) await copyFile(join(from, `${name}.wasm`), `dist/ort/${name}.wasm`);
  await pipeline(
    createReadStream(join(from, `${names[2]}.wasm`)),
    createGzip({ level: 9 }),
    createWriteStream(`dist/ort/${names[2]}.wasm.gz`),
  );
}

/** The runtime's script. It looks for itself by a name of its own build, and imports a file that it is told: webpack and Turbopack fail at the first and warn of the second. */
function withoutAddresses(script: string): string {
  const own = /new URL\(new \w+\("ort\.webgpu\.min\.mjs",import\.meta\.url\)\.href,\w+\)\.href/g;
  const imports = /import\((?:\/\*[^*]*\*\/\s*)*(\w+)\)/g;
  if (script.match(own)?.length !== 1 || script.match(imports)?.length !== 1)
    throw new Error("onnxruntime-web finds its files in another way than before: see what bundlers make of that");
  return script
    .replace(own, "import.meta.url")
    .replaceAll("import.meta.url", "globalThis.location?.href")
    .replace(imports, "importFile($1)");
}
