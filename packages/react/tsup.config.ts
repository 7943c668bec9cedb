import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts" },
  format: ["esm", "cjs"],
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
  splitting: true,
  clean: true,
  sourcemap: true,
  target: "es2022",
  // For server components: the bundler must be told that hooks run on the client. tsup's treeshake option would drop the line.
  banner: { js: '"use client";' },
});
