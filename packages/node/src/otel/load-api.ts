import { BackendError } from "@predikt/core";

/** The exports of `@opentelemetry/api`. */
export type OtelApi = typeof import("@opentelemetry/api");

/** Loads the API. @throws BackendError BACKEND_MISSING, with the command that installs it */
export async function loadApi(): Promise<OtelApi> {
  try {
    return await import("@opentelemetry/api");
  } catch (cause) {
    throw new BackendError("BACKEND_MISSING", "@opentelemetry/api is not installed: npm install @opentelemetry/api", {
      cause,
      details: { package: "@opentelemetry/api" },
    });
  }
}
