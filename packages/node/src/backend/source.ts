import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, type OpenRequest } from "@predikt/core";
import { checkSha256 } from "@predikt/core/runtime";
import { download } from "./download.ts";
import type { NodeOptions } from "./options.ts";

/** A source that a worker can open: a path of this machine, or bytes. */
export interface LocalSource {
  readonly model: string | Uint8Array;
  readonly sha256: string | undefined;
}

/**
 * Brings a model to this machine: paths and file URLs stay where they are, http(s) URLs are downloaded, bytes are copied (a worker that dies is
 * started again with them).
 *
 * @throws ConfigError CONFIG_INVALID, ModelError MODEL_FETCH, MODEL_INTEGRITY, or `signal.reason`
 */
export async function resolveSource(request: OpenRequest & NodeOptions): Promise<LocalSource> {
  const { source, sha256 } = request;
  checkSha256(sha256);
  if (source instanceof Uint8Array) return { model: new Uint8Array(source), sha256 };
  if (source instanceof ArrayBuffer) return { model: new Uint8Array(source.slice(0)), sha256 };
  const url = toUrl(source);
  if (url === undefined) return { model: resolve(source as string), sha256 };
  if (url.protocol === "file:") return { model: toPath(url), sha256 };
  if (url.protocol === "http:" || url.protocol === "https:") return { model: await download(url, request), sha256 };
  throw new ConfigError("source", "a path, a file, http or https URL, or bytes", `a ${url.protocol} URL`);
}

function toPath(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new ConfigError("source", "a file URL of this machine", "another one");
  }
}

function toUrl(source: unknown): URL | undefined {
  if (source instanceof URL) return source;
  if (typeof source !== "string") throw new ConfigError("source", "a path, a URL or bytes", source === null ? "null" : typeof source);
  // "C:\model.onnx" is a path, though it looks like a URL with a scheme of one letter.
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(source)) return undefined;
  if (!URL.canParse(source)) throw new ConfigError("source", "a path, a URL or bytes", "text that begins as a URL and is none");
  return new URL(source);
}
