import { isolationHeaders } from "@predikt/core/serving";

/** Options of the Vite plugin. */
export interface PrediktPluginOptions {
  /**
   * Isolate pages from other origins, so that WebAssembly may use threads. `"credentialless"` lets pages load files of other origins that do not
   * expect it, in browsers that know it. Default: true.
   */
  readonly isolate?: boolean | "credentialless" | undefined;
}

/** The part of Vite's plugins that this one is. */
export interface PrediktPlugin {
  readonly name: string;
  readonly config: () => { server: { headers: Record<string, string> }; preview: { headers: Record<string, string> } };
}

/**
 * Has Vite's servers for development and preview send the headers that threads need. Nothing else needs it: without, `@predikt/web` runs with one
 * thread. The server that is deployed must send them too (`isolationHeaders` of `@predikt/core/serving`).
 */
export function predikt({ isolate = true }: PrediktPluginOptions = {}): PrediktPlugin {
  const headers = isolate === false ? {} : isolationHeaders({ credentialless: isolate === "credentialless" });
  return { name: "predikt", config: () => ({ server: { headers }, preview: { headers } }) };
}
