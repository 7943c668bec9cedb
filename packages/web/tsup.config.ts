import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
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
    entry: { index: "src/index.ts", image: "src/image/index.ts", definitions: "src/definitions/index.ts" },
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
    // Without the runtime's own WebAssembly loader inside: that is one of the files in ort/.
    esbuildOptions: (options) => {
      options.conditions = ["onnxruntime-web-use-extern-wasm", "import", "browser"];
    },
  },
]);

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
