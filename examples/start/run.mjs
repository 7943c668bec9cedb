import { tsImport } from "tsx/esm/api";

/** `start` of src/start.ts, for scripts that are no TypeScript. */
export async function start(options) {
  const app = await tsImport("./src/start.ts", import.meta.url);
  return app.start(options);
}
