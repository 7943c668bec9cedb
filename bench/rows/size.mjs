import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export default {
  name: "size",
  what: "`@predikt/core` main entry in kB, minified and gzipped, zod and onnxruntime-common outside",
  target: 12,
  unit: "kB",
  async measure() {
    const entry = fileURLToPath(import.meta.resolve("@predikt/core"));
    const options = { bundle: true, minify: true, format: "esm", platform: "neutral", write: false, logLevel: "silent" };
    const { outputFiles } = await build({ ...options, entryPoints: [entry], external: ["zod", "onnxruntime-common"] });
    return { ratio: gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000 };
  },
};
