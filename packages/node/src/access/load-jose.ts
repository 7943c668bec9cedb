import { BackendError } from "@predikt/core";

/** Loads jose. @throws BackendError BACKEND_MISSING, with the command that installs it */
export async function loadJose(): Promise<typeof import("jose")> {
  try {
    return await import("jose");
  } catch (cause) {
    const { message } = cause as { message?: string };
    const text = `jose is not installed: npm install jose`;
    const absent = message?.includes("'jose'") === true;
    throw new BackendError("BACKEND_MISSING", absent ? text : `jose cannot be loaded: ${message}`, { cause, details: { package: "jose" } });
  }
}
