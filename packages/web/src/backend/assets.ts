import type { RuntimeFiles, RuntimeKind } from "../worker/protocol.ts";

/** Where this package's files lie. Default: beside it, as the application's bundler puts them. */
export interface AssetOptions {
  /** Address of a copy of the package's folder `dist/`, relative to the page: for a CDN, or where a bundler is not to handle them. */
  readonly base?: string | URL | undefined;
}

/**
 * The files of a build of the runtime.
 *
 * Each address is written out, since bundlers find files by this very form.
 */
export function runtimeFiles(kind: RuntimeKind, { base }: AssetOptions = {}): RuntimeFiles {
  if (base !== undefined) {
    const name = kind === "wasm" ? "" : `.${kind}`;
    const at = (file: string): string => new URL(`ort/ort-wasm-simd-threaded${name}.${file}`, folder(base)).href;
    return { kind, mjs: at("mjs"), wasm: at(kind === "asyncify" ? "wasm.gz" : "wasm") };
  }
  switch (kind) {
    case "wasm":
      return {
        kind,
        mjs: new URL("./ort/ort-wasm-simd-threaded.mjs", import.meta.url).href,
        wasm: new URL("./ort/ort-wasm-simd-threaded.wasm", import.meta.url).href,
      };
    case "jspi":
      return {
        kind,
        mjs: new URL("./ort/ort-wasm-simd-threaded.jspi.mjs", import.meta.url).href,
        wasm: new URL("./ort/ort-wasm-simd-threaded.jspi.wasm", import.meta.url).href,
      };
    case "asyncify":
      return {
        kind,
        mjs: new URL("./ort/ort-wasm-simd-threaded.asyncify.mjs", import.meta.url).href,
        wasm: new URL("./ort/ort-wasm-simd-threaded.asyncify.wasm.gz", import.meta.url).href,
      };
  }
}

/** Starts the package's own worker. */
export function startWorker(options: AssetOptions = {}): Worker {
  return workerFrom(new URL(workerUrl(options), location.href));
}

/**
 * Where the package's own worker lies.
 *
 * Apart from `new Worker(…)`, bundlers take it for a file like any other, and copy it as it is: one that builds a worker makes it depend on what the
 * page has loaded, emits it twice, and cannot start it where files come from another origin than the page.
 */
export function workerUrl({ base }: AssetOptions = {}): string {
  return base === undefined ? new URL("./worker.js", import.meta.url).href : new URL("worker.js", folder(base)).href;
}

/** Where the script lies that does a worker's work on the page's thread. */
export function inlineUrl(base: AssetOptions["base"]): string {
  return (base === undefined ? new URL("./inline.js", import.meta.url) : new URL("inline.js", folder(base))).href;
}

/** A worker of another origin is started by a line of our own that imports it: browsers refuse to start it directly. */
function workerFrom(url: URL): Worker {
  if (url.origin === location.origin) return new Worker(url, { type: "module", name: "predikt" });
  return blobWorker(new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" }));
}

/** A worker whose script is a blob. */
export function blobWorker(script: Blob): Worker {
  const address = URL.createObjectURL(script);
  const worker = new Worker(address, { type: "module", name: "predikt" });
  // The script has been asked for by then, whatever becomes of it.
  worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
  return worker;
}

function folder(base: string | URL): URL {
  const url = new URL(base, location.href);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}
