import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    serving: "src/serving/index.ts",
    registry: "src/registry/index.ts",
    client: "src/client/index.ts",
    onnx: "src/onnx/index.ts",
    preprocess: "src/preprocess/index.ts",
    postprocess: "src/postprocess/index.ts",
    runtime: "src/runtime/index.ts",
    testing: "src/testing/index.ts",
  },
  format: ["esm", "cjs"],
  // Predictor has Symbol.asyncDispose: whoever imports its type needs that lib, whatever the target, and TypeScript leaves such lines of sources out.
  dts: { compilerOptions: { ignoreDeprecations: "6.0" }, banner: '/// <reference lib="esnext.disposable" />' },
  splitting: true,
  clean: true,
  sourcemap: true,
  treeshake: true,
  target: "es2022",
  // onnx-buf and its runtime are ESM only: bundled, so that require() works on Node 20 too.
  noExternal: ["onnx-buf", "@bufbuild/protobuf"],
});
