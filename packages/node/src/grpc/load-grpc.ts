import { BackendError } from "@predikt/core";

/** gRPC's own library, as a module. */
export type Grpc = typeof import("@grpc/grpc-js");

/** Loads @grpc/grpc-js when it is first needed. @throws BackendError BACKEND_MISSING, with the command that installs it */
export async function loadGrpc(): Promise<Grpc> {
  try {
    const loaded = (await import("@grpc/grpc-js")) as Grpc & { readonly default?: Grpc };
    return loaded.default ?? loaded;
  } catch (cause) {
    const { code, message } = cause as { code?: string; message?: string };
    const absent = (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message?.includes("'@grpc/grpc-js'") === true;
    const text = absent
      ? "@grpc/grpc-js is not installed: npm install @grpc/grpc-js"
      : `@grpc/grpc-js cannot be loaded on this machine: ${message ?? String(cause)}`;
    throw new BackendError("BACKEND_MISSING", text, { cause, details: { package: "@grpc/grpc-js" } });
  }
}
