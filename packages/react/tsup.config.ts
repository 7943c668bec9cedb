import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts" },
  format: ["esm", "cjs"],
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
  // With one entry there is nothing to share, and without rollup (see below) tsup would down-level the CommonJS it splits.
  splitting: false,
  clean: true,
  sourcemap: true,
  target: "es2022",
  // For server components: the bundler must be told that hooks run on the client. tsup's treeshake option would drop the line.
  banner: { js: '"use client";' },
});
