import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    express: "src/adapters/express.ts",
    fastify: "src/adapters/fastify.ts",
    http: "src/adapters/http.ts",
    image: "src/image/index.ts",
    worker: "src/worker/entry.ts",
  },
  format: ["esm", "cjs"],
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
  splitting: true,
  clean: true,
  sourcemap: true,
  treeshake: true,
  // import.meta.url in the CommonJS build.
  shims: true,
  target: "es2022",
  // Deno and bundlers tell a built-in module by its prefix.
  removeNodeProtocol: false,
});
