import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const conditions = ["@predikt/source"];
const source = { resolve: { conditions }, ssr: { resolve: { conditions } } };
const minutes = (count: number): number => count * 60_000;

export default defineConfig({
  ...source,
  test: {
    // Many tests wait for processes, sockets and browsers, and leave a core idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      unit("core", "packages/core"),
      unit("node", "packages/node"),
      unit("web", "packages/web"),
      unit("react", "packages/react", "happy-dom"),
      { ...unit("react-18", "packages/react", "happy-dom"), plugins: [installedIn("packages/react/react-18")] },
      // What no single package owns; packing, installing and starting servers take their time on two slow cores.
      {
        ...source,
        test: {
          name: "tests",
          root: "tests",
          include: ["**/*.test.ts"],
          // npm run test:bundlers has those.
          exclude: ["**/node_modules/**", "bundlers/**"],
          testTimeout: minutes(2),
          hookTimeout: minutes(5),
        },
      },
      {
        ...source,
        test: {
          name: "examples",
          root: "examples",
          include: ["*/**/*.test.ts"],
          // npm run test:bundlers has those.
          exclude: ["**/node_modules/**", "next-app/**"],
          testTimeout: minutes(3),
          hookTimeout: minutes(3),
        },
      },
      {
        ...source,
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["{packages,tests,examples}/**/*.test-d.{ts,tsx}"],
            tsconfig: "tsconfig.types.json",
          },
        },
      },
    ],
  },
});

/** The unit tests that lie beside a package's sources. */
function unit(name: string, root: string, environment: "node" | "happy-dom" = "node") {
  return {
    ...source,
    test: { name, root, environment, include: ["src/**/*.test.{ts,tsx}"], testTimeout: minutes(0.5), hookTimeout: minutes(1) },
  };
}

/** Takes React, and what depends on it, as they are installed in another folder. */
function installedIn(folder: string): Plugin {
  const importer = fileURLToPath(new URL(`${folder}/package.json`, import.meta.url));
  return {
    name: `installed in ${folder}`,
    enforce: "pre",
    resolveId(name) {
      return /^(react|react-dom|@testing-library\/react|@tanstack\/react-query)(\/|$)/.test(name)
        ? this.resolve(name, importer, { skipSelf: true })
        : undefined;
    },
  };
}
