import { BackendError } from "@predikt/core";
import type { InferenceSessionFactory, TensorConstructor } from "onnxruntime-common";

/** The part of onnxruntime-node and onnxruntime-web that is used: they share onnxruntime-common's API. */
export interface Runtime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
  readonly env: {
    logLevel?: "verbose" | "info" | "warning" | "error" | "fatal" | undefined;
    readonly versions: { readonly node?: string | undefined; readonly web?: string | undefined };
    readonly wasm: { numThreads?: number | undefined };
  };
}

/** The package that runs a device. */
export type RuntimePackage = "onnxruntime-node" | "onnxruntime-web";

/** onnxruntime-web runs `wasm`; onnxruntime-node every other device. */
export function packageOf(device: string): RuntimePackage {
  return device === "wasm" ? "onnxruntime-web" : "onnxruntime-node";
}

/** Whether a model can be on no other device, so that all its code is WebAssembly, which can be stopped anywhere. */
export function isWasm(devices: readonly string[]): boolean {
  return devices.length > 0 && devices.every((device) => device === "wasm");
}

/** Loads a runtime. @throws BackendError BACKEND_MISSING, with the command that installs it */
export async function loadRuntime(name: RuntimePackage): Promise<Runtime> {
  let runtime: Runtime;
  try {
    const loaded: unknown = name === "onnxruntime-node" ? await import("onnxruntime-node") : await import("onnxruntime-web");
    runtime = unwrap(loaded);
  } catch (cause) {
    throw missing(name, cause);
  }
  const version = runtime.env.versions.node ?? runtime.env.versions.web ?? "0";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major !== 1 || minor < 29) {
    throw new BackendError("BACKEND_MISSING", `${name} ${version} is installed, which is not ">=1.29 <2": npm install ${name}@^1.29`, {
      details: { package: name, version },
    });
  }
  return runtime;
}

function missing(name: RuntimePackage, cause: unknown): BackendError {
  const { code, message } = cause as { code?: string; message?: string };
  const absent =
    (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message?.includes(name) === true && !message.includes(".node'");
  const text = absent
    ? `${name} is not installed: npm install ${name}`
    : `${name} cannot be loaded on this machine: ${message ?? String(cause)}`;
  return new BackendError("BACKEND_MISSING", text, { cause, details: { package: name } });
}

/** A CommonJS package that is imported has its exports under `default`, with or without copies beside it. */
function unwrap(loaded: unknown): Runtime {
  const module = loaded as Partial<Runtime> & { readonly default?: Runtime };
  return (module.InferenceSession === undefined ? module.default : module) as Runtime;
}
