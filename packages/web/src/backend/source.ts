import { BackendError, ConfigError, type ModelSource, type OpenRequest } from "@predikt/core";
import { checkSha256 } from "@predikt/core/runtime";
import type { FileSpec, LoadSpec } from "../worker/protocol.ts";
import type { ExternalFile, WebOptions } from "./options.ts";

/** What a worker is to load, with addresses that mean the same there as on the page. @throws ConfigError CONFIG_INVALID */
export function loadSpec(request: OpenRequest & WebOptions): LoadSpec {
  const { sha256, size, externalData = {}, download = {}, limits, store = "auto" } = request;
  const external: Record<string, FileSpec> = {};
  for (const [location, file] of Object.entries(externalData)) external[location] = externalSpec(location, file);
  return {
    ...fileSpec("source", request.source, sha256, size),
    external,
    limits,
    store,
    headers: download.headers,
    retries: download.retries ?? 3,
    idleTimeoutMs: download.idleTimeoutMs ?? 30_000,
    refresh: false,
  };
}

function externalSpec(location: string, file: ExternalFile): FileSpec {
  const isPlain = typeof file === "string" || file instanceof URL || file instanceof Uint8Array;
  const { source, sha256, size } = isPlain ? { source: file } : file;
  return fileSpec(`externalData[${JSON.stringify(location)}]`, source, sha256, size);
}

function fileSpec(path: string, source: ModelSource, sha256: string | undefined, size: number | undefined): FileSpec {
  checkSha256(sha256, path === "source" ? undefined : `${path}.sha256`);
  if (source instanceof Uint8Array) return { source: source.slice(), sha256, size };
  if (source instanceof ArrayBuffer) return { source: new Uint8Array(source.slice(0)), sha256, size };
  return { source: absolute(path, source), sha256, size };
}

function absolute(path: string, source: unknown): string {
  const expected = "an http, https, blob or data URL, or bytes";
  if (typeof source !== "string" && !(source instanceof URL))
    throw new ConfigError(path, expected, source === null ? "null" : typeof source);
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  if (!URL.canParse(source, base)) throw new ConfigError(path, expected, "text that is no address");
  const url = new URL(source, base);
  if (!["http:", "https:", "blob:", "data:"].includes(url.protocol)) throw new ConfigError(path, expected, `a ${url.protocol} URL`);
  return url.href;
}

/** @throws BackendError BACKEND_UNAVAILABLE on a server, which renders pages but is no browser */
export function assertBrowser(worker: WebOptions["worker"]): void {
  if (typeof globalThis.location !== "undefined" && (worker === false || typeof Worker !== "undefined" || worker?.factory !== undefined))
    return;
  throw new BackendError("BACKEND_UNAVAILABLE", "@predikt/web runs in a browser: on a server use @predikt/node, or wait for hydration");
}
