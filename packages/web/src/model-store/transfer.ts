import { ModelError } from "@predikt/core";
import type { ModelAddress } from "./address.ts";
import type { Draft } from "./draft.ts";
import { Passing, reasonOf } from "./failures.ts";
import type { StorePlatform } from "./platform.ts";
import type { Meter } from "./progress.ts";
import { isRest, isSame, isShort, readReply, refusalOf } from "./reply.ts";
import { assertNoPage, sniffedBytes } from "./sniff.ts";
import type { FetchRequest, Validator } from "./types.ts";

/** How a download ended: with all bytes in the draft, with the word that the known version is the newest, or without either. */
export type Outcome =
  | { readonly is: "downloaded"; readonly validator: Validator }
  | { readonly is: "unchanged" }
  | { readonly is: "failed"; readonly error: ModelError };

/**
 * Downloads a model into a draft. An attempt that breaks off is tried again, from where it stopped where the server allows (RFC 9110, section 14).
 *
 * @throws ModelError MODEL_NOT_FOUND, MODEL_FETCH (a status that no retry mends), MODEL_REFUSED, MODEL_INVALID; or `signal.reason`
 */
export class Transfer {
  readonly #request: FetchRequest;
  readonly #address: ModelAddress;
  readonly #platform: StorePlatform;
  readonly #draft: Draft;
  readonly #meter: Meter;
  readonly #known: Validator | undefined;
  /** Another origin must allow some headers beforehand; these it has not. */
  #denied = { range: false, condition: false };

  constructor(
    request: FetchRequest,
    address: ModelAddress,
    platform: StorePlatform,
    draft: Draft,
    meter: Meter,
    known: Validator | undefined,
  ) {
    this.#request = request;
    this.#address = address;
    this.#platform = platform;
    this.#draft = draft;
    this.#meter = meter;
    this.#known = known;
  }

  async run(): Promise<Outcome> {
    const { signal } = this.#request;
    const retries = this.#address.remote ? this.#request.retries : 0;
    for (let attempt = 0; ; attempt++) {
      if (signal.aborted) throw signal.reason;
      const from = this.#from();
      try {
        return await this.#attempt(from);
      } catch (error) {
        if (!(error instanceof Passing)) throw error;
        if (this.#mayBeOurs(error, from)) {
          attempt--;
          continue;
        }
        // With a copy at hand nobody waits for a network that is not there.
        if (attempt >= retries || (this.#known !== undefined && error.unreachable)) return this.#failed(error, attempt + 1);
        await this.#pause(Math.max(error.retryAfterMs, 250 * 2 ** attempt * (0.5 + Math.random() / 2)));
      }
    }
  }

  /** Whether a failure may be owed to the headers we sent, which the next attempt leaves out. */
  #mayBeOurs(error: Passing, from: number): boolean {
    if (error.restart) return true;
    if (this.#address.sameOrigin || !error.unreachable) return false;
    if (from > 0) this.#denied.range = true;
    else if (this.#denied.range || this.#condition() === undefined) {
      // Without them it fails as well: it is the network, and the bytes so far are worth as much as before.
      this.#denied.range = false;
      return false;
    } else this.#denied.condition = true;
    return true;
  }

  #from(): number {
    return this.#draft.etag === undefined || this.#denied.range ? 0 : this.#draft.loaded;
  }

  #condition(): [name: string, value: string] | undefined {
    const { etag, lastModified } = (!this.#denied.condition && this.#known) || {};
    if (etag !== undefined) return ["if-none-match", etag];
    return lastModified === undefined ? undefined : ["if-modified-since", lastModified];
  }

  #init(from: number, signal: AbortSignal): RequestInit {
    const headers = new Headers(this.#request.headers);
    const condition = this.#condition();
    if (from > 0) {
      headers.set("range", `bytes=${from}-`);
      // Of another origin the reply's ETag is compared instead: this header would need its leave.
      if (this.#address.sameOrigin) headers.set("if-range", this.#draft.etag as string);
    } else if (condition !== undefined) headers.set(...condition);
    // What the store keeps need not lie in the browser's cache as well; what it does not keep should.
    const stored = from > 0 || this.#draft.place !== undefined;
    return { headers, signal, cache: stored ? "no-store" : this.#request.sha256 === undefined ? "default" : "no-cache" };
  }

  async #attempt(from: number): Promise<Outcome> {
    const { signal, idleTimeoutMs } = this.#request;
    const controller = new AbortController();
    const forward = (): void => controller.abort(signal.reason);
    signal.addEventListener("abort", forward);
    let unreachable = true;
    let stop = (): void => undefined;
    const awake = (): void => {
      stop();
      stop = this.#platform.timer(idleTimeoutMs, () =>
        controller.abort(new Passing(`no byte came for ${idleTimeoutMs} ms`, { unreachable })),
      );
    };
    awake();
    try {
      const response = await this.#platform.fetch(this.#address.href, this.#init(from, controller.signal));
      unreachable = false;
      return await this.#receive(response, from, awake);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof ModelError || error instanceof Passing) throw error;
      const { reason } = controller.signal;
      throw reason instanceof Passing ? reason : new Passing(reasonOf(error), { unreachable, cause: error });
    } finally {
      stop();
      signal.removeEventListener("abort", forward);
      // What is left of a reply that is not wanted.
      controller.abort();
    }
  }

  async #receive(response: Response, from: number, awake: () => void): Promise<Outcome> {
    const draft = this.#draft;
    const { status, type } = response;
    const { validator, etag, length, size } = readReply(response, this.#request);
    const known = this.#known;
    if (known !== undefined && (status === 304 || (status === 200 && isSame(known, validator)))) return { is: "unchanged" };
    const rest = from > 0 && isRest(response, from, draft.etag);
    if (from > 0 && !rest && (status === 206 || status === 416)) {
      await draft.begin({ rest: false, etag: undefined, total: undefined });
      throw new Passing("the server has no such part any more", { restart: true });
    }
    if (status !== 200 && !rest) throw refusalOf(response, this.#address.shown);
    const start = rest ? from : 0;
    const total = length === undefined ? undefined : start + length;
    this.#limit(total ?? 0);
    await draft.begin({ rest, etag: rest ? draft.etag : etag, total });
    this.#meter.expect(size ?? total);
    this.#meter.at(start);
    for await (const chunk of chunksOf(response)) {
      awake();
      this.#limit(draft.loaded + chunk.byteLength);
      const before = draft.loaded;
      await draft.append(chunk);
      if (before < sniffedBytes && draft.loaded >= sniffedBytes) this.#sniff(response);
      this.#meter.at(draft.loaded);
    }
    if (isShort(draft.loaded, total, type)) throw new Passing(`it broke off after ${draft.loaded} of ${total} bytes`);
    this.#sniff(response);
    return { is: "downloaded", validator };
  }

  #sniff({ headers }: Response): void {
    const url = this.#address.shown;
    if (this.#draft.loaded === 0) throw new ModelError("MODEL_INVALID", `what came from ${url} is empty`, { details: { url } });
    assertNoPage(this.#draft.bytes.subarray(0, sniffedBytes), headers.get("content-type"), url);
  }

  #limit(bytes: number): void {
    const limit = this.#request.maxBytes;
    if (bytes > limit) {
      throw new ModelError("MODEL_REFUSED", `the model: expected at most ${limit} bytes, got ${bytes} or more`, { details: { limit } });
    }
  }

  #failed(error: Passing, attempts: number): Outcome {
    const url = this.#address.shown;
    // Browsers do not tell a script which of the two it was.
    const hint =
      error.unreachable && !this.#address.sameOrigin && this.#address.remote ? " (offline, or no CORS headers for this page's origin)" : "";
    const message = `the model could not be downloaded from ${url}: ${error.message}${hint}`;
    return { is: "failed", error: new ModelError("MODEL_FETCH", message, { cause: error.cause ?? error, details: { url, attempts } }) };
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#request;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        stop();
        reject(signal.reason);
      };
      const stop = this.#platform.timer(ms, () => {
        signal.removeEventListener("abort", abort);
        resolve();
      });
      signal.addEventListener("abort", abort);
    });
  }
}

/** A body chunk by chunk. Not every browser can iterate a stream. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (next?.value === undefined) return;
    yield next.value;
  }
}
