import { BackendError } from "@predikt/core";

/** prom-client's own exports. */
export type PromClient = typeof import("prom-client");

/** Loads prom-client. @throws BackendError BACKEND_MISSING, with the command that installs it */
export async function loadPromClient(): Promise<PromClient> {
  try {
    const loaded = await import("prom-client");
    return "default" in loaded ? (loaded.default as PromClient) : loaded;
  } catch (cause) {
    throw new BackendError("BACKEND_MISSING", "prom-client is not installed: npm install prom-client", {
      cause,
      details: { package: "prom-client" },
    });
  }
}
