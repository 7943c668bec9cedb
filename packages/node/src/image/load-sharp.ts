import { BackendError } from "@predikt/core";

/** What decodes images: sharp's own function. */
export type Sharp = typeof import("sharp").default;

/** Loads sharp when the first image comes. @throws BackendError BACKEND_MISSING, with the command that installs it */
export async function loadSharp(): Promise<Sharp> {
  try {
    const loaded: unknown = await import("sharp");
    const { default: sharp = loaded } = loaded as { readonly default?: Sharp };
    return sharp as Sharp;
  } catch (cause) {
    const { code, message } = cause as { code?: string; message?: string };
    const absent = (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message?.includes("'sharp'") === true;
    const text = absent
      ? "sharp is not installed: npm install sharp"
      : `sharp cannot be loaded on this machine: ${message ?? String(cause)}`;
    throw new BackendError("BACKEND_MISSING", text, { cause, details: { package: "sharp" } });
  }
}
