import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const source = new URL("./service-worker.js", import.meta.url);
/** The models and the runtime (`.onnx`, `.wasm`, `.mjs`) are kept when they are used, by the SDK itself; `inline` is for pages without a worker. */
const isPage = (name: string): boolean => /\.(html|js|css|svg|png)$/.test(name) && !/\/inline-/.test(name);

/** Emits `service-worker.js`, which knows the names of what the page is made of. */
export function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const files = Object.values(bundle).filter(({ fileName }) => isPage(fileName));
      const paths = files.map(({ fileName }) => (fileName === "index.html" ? "./" : fileName)).sort();
      const version = createHash("sha256");
      for (const file of files) version.update(file.fileName).update(file.type === "asset" ? file.source : file.code);
      const facts = `const version = ${JSON.stringify(version.digest("hex").slice(0, 12))};\nconst paths = ${JSON.stringify(paths)};\n`;
      this.emitFile({ type: "asset", fileName: "service-worker.js", source: facts + readFileSync(source, "utf8") });
    },
  };
}
