const core = ["zod", "onnxruntime-common"];

// Entries that import other packages are bundled as modules, as applications bundle them: esbuild's default format, a script, would count its own shim for
// `require` with them.
const modifyEsbuildConfig = (config) => ({ ...config, format: "esm" });

export default [
  { name: "@predikt/core", path: "packages/core/dist/index.js", gzip: true, limit: "12 kB", ignore: core },
  { name: "@predikt/core/serving", path: "packages/core/dist/serving.js", gzip: true, limit: "44 kB", ignore: core },
  { name: "@predikt/core/registry", path: "packages/core/dist/registry.js", gzip: true, limit: "14 kB", ignore: core },
  { name: "@predikt/core/client", path: "packages/core/dist/client.js", gzip: true, limit: "16 kB", ignore: core },
  { name: "@predikt/core/remote", path: "packages/core/dist/remote.js", gzip: true, limit: "17.25 kB", ignore: core },
  { name: "@predikt/core/compose", path: "packages/core/dist/compose.js", gzip: true, limit: "23 kB", ignore: core },
  { name: "@predikt/core/preprocess", path: "packages/core/dist/preprocess.js", gzip: true, limit: "6.5 kB" },
  { name: "@predikt/core/postprocess", path: "packages/core/dist/postprocess.js", gzip: true, limit: "5 kB" },
  { name: "@predikt/web", path: "packages/web/dist/index.js", brotli: true, limit: "6 kB", ignore: ["@predikt/core"], modifyEsbuildConfig },
  {
    name: "@predikt/web/image",
    path: "packages/web/dist/image.js",
    gzip: true,
    limit: "2.5 kB",
    ignore: ["@predikt/core", "@predikt/core/preprocess"],
    modifyEsbuildConfig,
  },
  {
    name: "@predikt/react",
    path: "packages/react/dist/index.js",
    brotli: true,
    limit: "5 kB",
    ignore: ["react", "react/jsx-runtime", "@predikt/core", "@predikt/core/client", "@predikt/core/runtime"],
    modifyEsbuildConfig,
  },
];
