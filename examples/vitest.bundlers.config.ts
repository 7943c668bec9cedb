import { defineConfig } from "vitest/config";

const minutes = (count: number): number => count * 60_000;

// Examples whose bundler takes minutes, too many for npm test: npm run test:bundlers has them.
export default defineConfig({
  test: {
    name: "examples-bundlers",
    root: import.meta.dirname,
    include: ["next-app/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    testTimeout: minutes(3),
    hookTimeout: minutes(6),
  },
});
