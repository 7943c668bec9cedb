import { type AbortLike, ModelError, type OpenRequest } from "@predikt/core";
import { type Address, addressOf, follow } from "./follow.ts";
import type { NodeOptions } from "./options.ts";

/** Bytes of a model, unless `limits.maxModelBytes` says otherwise: the format's own limit. */
const defaultMaxBytes = 2 ** 31;

/** A failure that another attempt may mend. */
class Passing extends Error {
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs = 0, cause?: unknown) {
    super(message, { cause });
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Downloads a model, with progress. An attempt that breaks off is tried again, from where it stopped where the server allows (RFC 9110, section 14).
 *
 * @throws ModelError MODEL_NOT_FOUND (404, 410), MODEL_FETCH, MODEL_REFUSED past `limits.maxModelBytes`; ConfigError CONFIG_INVALID; or `signal.reason`
 */
export async function download(url: URL, request: OpenRequest & NodeOptions): Promise<Uint8Array> {
  const { retries = 3 } = request.download ?? {};
  const transfer = new Transfer(url, request);
  for (let attempt = 0; ; attempt++) {
    throwIfAborted(request.signal);
    try {
      return await transfer.attempt();
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      const details = { url: transfer.where, attempts: attempt + 1 };
      if (attempt >= retries)
        throw new ModelError("MODEL_FETCH", `the model could not be downloaded from ${details.url}: ${error.message}`, {
          cause: error.cause ?? error,
          details,
        });
      await pause(Math.max(error.retryAfterMs, 250 * 2 ** attempt * (0.5 + Math.random() / 2)), request.signal);
    }
  }
}

/** The bytes so far, and how to get more. */
class Transfer {
  readonly #address: Address;
  readonly #request: OpenRequest & NodeOptions;
  #chunks: Uint8Array[] = [];
  #loaded = 0;
  #total: number | undefined;
  #etag: string | null = null;
  #shown = 0;

  constructor(url: URL, request: OpenRequest & NodeOptions) {
    this.#address = addressOf(url, request.download ?? {});
    this.#request = request;
  }

  /** The address, without what may be secret. */
  get where(): string {
    const { url } = this.#address;
    return url.origin + url.pathname;
  }

  async attempt(): Promise<Uint8Array> {
    const { signal } = this.#request;
    const { idleTimeoutMs = 30_000, fetch: fetcher = fetch } = this.#request.download ?? {};
    const controller = new AbortController();
    const idle = setTimeout(() => controller.abort(new Passing(`no byte came for ${idleTimeoutMs} ms`)), idleTimeoutMs);
    const abort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      const from = this.#etag === null ? 0 : this.#loaded;
      const resume = from > 0 ? { range: `bytes=${from}-`, "if-range": this.#etag as string } : {};
      const response = await follow(this.#address, { "accept-encoding": "identity", ...resume }, fetcher, controller.signal);
      this.#begin(response, from);
      for await (const chunk of response.body ?? []) {
        idle.refresh();
        this.#take(chunk as Uint8Array);
      }
      if (this.#total !== undefined && this.#loaded < this.#total)
        throw new Passing(`it broke off after ${this.#loaded} of ${this.#total} bytes`);
      return this.#joined();
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (error instanceof ModelError || error instanceof Passing) throw error;
      const { reason } = controller.signal;
      throw reason instanceof Passing ? reason : new Passing(reasonOf(error), 0, error);
    } finally {
      // What is left of a reply that is not wanted would keep its connection, and the process with it.
      controller.abort();
      clearTimeout(idle);
      signal?.removeEventListener("abort", abort);
    }
  }

  #begin(response: Response, from: number): void {
    const { status } = response;
    const isRest = status === 206 && from > 0 && response.headers.get("content-range")?.startsWith(`bytes ${from}-`) === true;
    if (!isRest) {
      this.#chunks = [];
      this.#loaded = 0;
      this.#etag = null;
    }
    if (status === 206 && !isRest) throw new Passing("the server sent a part that was not asked for");
    if (status === 416 && from > 0) throw new Passing("the server has no such part any more");
    if (status !== 200 && status !== 206) throw this.#refusal(response);
    // Of a body that was decoded on the way, the bytes that came are not those that a range counts.
    this.#etag = response.headers.has("content-encoding") ? null : response.headers.get("etag");
    // Where the platform has undone a content encoding, the length is that of the encoded bytes.
    const length = response.headers.has("content-encoding") ? null : response.headers.get("content-length");
    this.#total = length === null ? undefined : this.#loaded + Number(length);
    this.#limit(this.#total ?? 0);
    this.#report();
  }

  #take(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#loaded += chunk.byteLength;
    this.#limit(this.#loaded);
    this.#report();
  }

  #limit(bytes: number): void {
    const limit = this.#request.limits?.maxModelBytes ?? defaultMaxBytes;
    if (bytes > limit) {
      throw new ModelError("MODEL_REFUSED", `the model: expected at most ${limit} bytes, got ${bytes} or more`, { details: { limit } });
    }
  }

  /** An attempt that starts anew does not take back what was shown. */
  #report(): void {
    const ratio = this.#total === undefined || this.#total === 0 ? undefined : Math.min(1, this.#loaded / this.#total);
    this.#shown = Math.max(this.#shown, ratio ?? 0);
    this.#request.onProgress?.({
      phase: "download",
      loaded: this.#loaded,
      total: this.#total,
      ratio: ratio === undefined ? undefined : this.#shown,
    });
  }

  #refusal({ status, headers }: Response): Error {
    const { where } = this;
    if (status === 404 || status === 410)
      return new ModelError("MODEL_NOT_FOUND", `there is no model at ${where}: status ${status}`, { details: { url: where, status } });
    if (status === 408 || status === 425 || status === 429 || status >= 500) {
      return new Passing(`status ${status}`, Math.min(30_000, 1000 * Number(headers.get("retry-after") ?? 0) || 0));
    }
    return new ModelError("MODEL_FETCH", `the model could not be downloaded from ${where}: status ${status}`, {
      details: { url: where, status },
    });
  }

  #joined(): Uint8Array {
    const all = new Uint8Array(this.#loaded);
    let at = 0;
    for (const chunk of this.#chunks.splice(0)) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    return all;
  }
}

function throwIfAborted(signal: AbortLike | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

/** Waits, or rejects with the signal's reason. */
function pause(ms: number, signal: AbortLike | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort);
  });
}

/** undici says only "fetch failed" and keeps why in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
