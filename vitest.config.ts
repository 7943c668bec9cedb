import { defineConfig } from "vitest/config";

const source = { resolve: { conditions: ["@predikt/source"] }, ssr: { resolve: { conditions: ["@predikt/source"] } } };

export default defineConfig({
  test: {
    projects: [{ ...source, test: { name: "core", root: "packages/core", environment: "node" } }],
  },
});
