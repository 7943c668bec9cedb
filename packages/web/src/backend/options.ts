import type { CheckLimits } from "@predikt/core/onnx";
import type { StoreKind } from "../model-store/fetch-model.ts";
import type { AssetOptions } from "./assets.ts";

/** How the worker is run. */
export interface WorkerOptions {
  /** Starts the worker: a module worker whose script imports `@predikt/web/worker`. Default: the package's own. */
  readonly factory?: (() => Worker) | undefined;
  /**
   * Starts a worker of the application's that hosts its definitions (`hostDefinitions` of `@predikt/web/definitions`), so that `encode`, `decode`
   * and the schemas leave the page's thread too. Default: they run on the page's thread.
   */
  readonly definitions?: (() => Worker) | undefined;
  /**
   * Milliseconds without an answer after which a run is taken to hang, and its worker is ended and replaced. It counts while a run executes, not
   * while it waits; the first run on WebGPU has ten times as long, since shaders are compiled then. Minimum 1, default 60,000.
   */
  readonly hangTimeoutMs?: number | undefined;
}

/** How a model is downloaded. */
export interface DownloadOptions {
  /** Request headers, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Attempts after the first, for what may pass. Minimum 0, default 3. */
  readonly retries?: number | undefined;
  /** Milliseconds without a byte after which an attempt has failed. Default: 30,000. */
  readonly idleTimeoutMs?: number | undefined;
}

/** A file of external data: where it is, or its bytes, and what is known of it. */
export type ExternalFile = string | URL | Uint8Array | { readonly source: string | URL; readonly sha256?: string; readonly size?: number };

/** Options of {@link webBackend}, each of them an option of `createPredictor` too. */
export interface WebOptions {
  /** Threads of WebAssembly. More than one needs a cross-origin isolated page. Default: half of the processor's, at most 4; 1 on iOS and on other pages. */
  readonly threads?: number | undefined;
  readonly assets?: AssetOptions | undefined;
  /** Where the runtime runs: a worker, or with `false` the page's own thread, which waits meanwhile. Default: a worker. */
  readonly worker?: WorkerOptions | false | undefined;
  /**
   * Where downloaded models stay for the next visit: `"opfs"`, `"cache"`, `"memory"` (gone with the worker), `"none"`, or `"auto"`, the first of
   * them that the browser has. Default: `"auto"`.
   */
  readonly store?: StoreKind | undefined;
  /** Bytes of the model's file, for a progress that is right where the server compresses it. Default: what the server says. */
  readonly size?: number | undefined;
  /** Limits that a model file must keep before the runtime sees it. */
  readonly limits?: CheckLimits | undefined;
  /** Files of a model's external data by the location that the model names. No other may be used. */
  readonly externalData?: Readonly<Record<string, ExternalFile>> | undefined;
  readonly download?: DownloadOptions | undefined;
  /** Further session options of ONNX Runtime. `executionProviders` is set by the device. */
  readonly sessionOptions?: Readonly<Record<string, unknown>> | undefined;
}
