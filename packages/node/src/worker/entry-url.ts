/** Where the workers' entry lies: beside the built files. Run from its TypeScript source, the package uses the entry of its last build. */
export const entryUrl: URL = new URL(import.meta.url.endsWith(".ts") ? "../../dist/worker.js" : "./worker.js", import.meta.url);
