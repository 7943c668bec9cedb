import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

export default {
  // Written in TypeScript, which Next.js otherwise leaves as it is in packages.
  transpilePackages: ["@predikt/example-digits"],
  // Starts worker threads from its own files and loads a native library: it is required, not bundled.
  serverExternalPackages: ["@predikt/node", "onnxruntime-node"],
  // The folder that pnpm links packages from.
  turbopack: { root: fileURLToPath(new URL("../..", import.meta.url)) },
  // npm run typecheck does that, with the settings of the whole repository.
  typescript: { ignoreBuildErrors: true },
} satisfies NextConfig;
