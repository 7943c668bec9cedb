import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../pages/", import.meta.url));
/** Where the pages are built, as an application would be. */
const builtFolder = fileURLToPath(new URL("../../../.cache/bench-web/", import.meta.url));

let building;

/** Builds the pages, once. Gives their folder, and the addresses of the runtime's files in it. */
export function builtPages() {
  building ??= buildPages();
  return building;
}

async function buildPages() {
  // Only here: rows without a browser need none of it.
  const { build, defaultClientConditions } = await import("vite");
  const names = readdirSync(folder).filter((name) => name.endsWith(".mjs"));
  await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    // The runtime's own copy of its WebAssembly is left out: all take the files that @predikt/web brings.
    resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
    worker: { format: "es" },
    build: {
      outDir: builtFolder,
      emptyOutDir: true,
      target: "es2022",
      rollupOptions: {
        input: Object.fromEntries(names.map((name) => [name.slice(0, -4), folder + name])),
        output: { entryFileNames: "[name].js" },
      },
    },
  });
  const assets = readdirSync(`${builtFolder}assets`);
  const asset = (pattern) => `/assets/${assets.find((name) => pattern.test(name))}`;
  return {
    folder: builtFolder,
    runtime: { mjs: asset(/^ort-wasm-simd-threaded-[^.]+\.mjs$/), wasm: asset(/^ort-wasm-simd-threaded-[^.]+\.wasm$/) },
  };
}

/** The folder of the runtime that @huggingface/transformers brings. */
export function transformersRuntime() {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve("@huggingface/transformers"));
  return dirname(resolve("onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm"));
}
