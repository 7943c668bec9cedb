import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts" },
  // A browser package: nothing here is of use to require(), and later assets need import.meta.url.
  format: ["esm"],
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
  clean: true,
  sourcemap: true,
  treeshake: true,
  target: "es2022",
});
