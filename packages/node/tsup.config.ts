import { defineConfig, type Options } from "tsup";

const common: Options = {
  splitting: true,
  target: "es2022",
  // Deno and bundlers tell a built-in module by its prefix.
  removeNodeProtocol: false,
};

export default defineConfig([
  {
    ...common,
    entry: {
      index: "src/index.ts",
      express: "src/adapters/express.ts",
      fastify: "src/adapters/fastify.ts",
      http: "src/adapters/http.ts",
      access: "src/access/index.ts",
      cluster: "src/cluster/index.ts",
      grpc: "src/grpc/index.ts",
      image: "src/image/index.ts",
      metrics: "src/metrics/index.ts",
      otel: "src/otel/index.ts",
      repository: "src/repository/index.ts",
      worker: "src/worker/entry.ts",
    },
    format: ["esm", "cjs"],
    dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
    clean: true,
    sourcemap: true,
    treeshake: true,
    // import.meta.url in the CommonJS build.
    shims: true,
    // Only @predikt/node/grpc needs it: bundled, so that gRPC is one package to install.
    noExternal: ["@bufbuild/protobuf"],
  },
  // The command line uses this package as everybody does, by its name, and has what it needs of others inside: those who only import the library install none
  // of it.
  {
    ...common,
    entry: { cli: "src/cli/main.ts" },
    format: ["esm"],
    external: [/^@predikt\//],
    noExternal: ["commander", "cli-table3", "cli-progress", "picocolors", "zod", "d3-scale", "d3-shape"],
    // Those of them that are CommonJS require Node's modules.
    banner: { js: 'import { createRequire as createCliRequire } from "node:module"; const require = createCliRequire(import.meta.url);' },
  },
]);
