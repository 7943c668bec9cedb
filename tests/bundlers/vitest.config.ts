import { defineConfig, type ViteUserConfig } from "vitest/config";

const minutes = (count: number): number => count * 60_000;

// Applications of each bundler, by npm run test:bundlers: installing and building them takes minutes, too many for npm test.
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ["@predikt/source"] },
  ssr: { resolve: { conditions: ["@predikt/source"] } },
  test: {
    name: "bundlers",
    root: import.meta.dirname,
    include: ["*.test.ts"],
    // Each fills two cores by itself.
    fileParallelism: false,
    testTimeout: minutes(2),
    hookTimeout: minutes(5),
  },
});

export default config;
