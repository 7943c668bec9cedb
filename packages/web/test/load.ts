import { sha256 as digest } from "@noble/hashes/sha2.js";
import { fetchModel } from "../src/model-store/fetch-model.ts";
import type { DownloadProgress, FetchedModel, FetchRequest, StoreEvent } from "../src/model-store/types.ts";
import type { FakePlatform } from "./fake-platform.ts";

/** A model of one byte, repeated. */
export const model = (size: number, fill = 8): Uint8Array<ArrayBuffer> => new Uint8Array(size).fill(fill);
export const sha256Of = (bytes: Uint8Array): string => Array.from(digest(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
/** Lets what waits for streams and hashes go on. */
export const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
export const url = "http://app.test/m.onnx";

/** A reply with a whole file, in chunks. */
export const file =
  (bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string> = { etag: '"1"' }) =>
  (): Response =>
    new Response(bytes, { headers: { "content-length": String(bytes.byteLength), ...headers } });
/** A reply that breaks off. */
export const broken =
  (bytes: Uint8Array<ArrayBuffer>, after: number, headers: Record<string, string> = { etag: '"1"' }) =>
  (): Response => {
    const pieces = [bytes.subarray(0, after)];
    const body = new ReadableStream({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.error(new TypeError("network error"));
        else controller.enqueue(piece);
      },
    });
    return new Response(body, { headers: { "content-length": String(bytes.byteLength), ...headers } });
  };
/** A reply without a body. */
export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (): Response =>
    new Response(code === 304 ? null : "", { status: code, headers });

/** A load under way, and what it told. */
export interface Watched {
  readonly done: Promise<FetchedModel>;
  readonly progress: DownloadProgress[];
  readonly events: StoreEvent[];
}

/** Starts a load; the clock moves on by itself, so that nothing waits. */
export function start(platform: FakePlatform, request: Partial<FetchRequest> = {}): Watched {
  const progress: DownloadProgress[] = [];
  const events: StoreEvent[] = [];
  const done = fetchModel(
    {
      url,
      store: "auto",
      retries: 3,
      idleTimeoutMs: 30_000,
      maxBytes: 2 ** 31,
      signal: new AbortController().signal,
      onProgress: (told) => progress.push(told),
      onEvent: (event) => events.push(event),
      ...request,
    },
    platform,
  );
  return { done, progress, events };
}

/** Waits until the load is over, moving the clock while it has timers. */
export async function end({ done }: Watched, { clock }: FakePlatform): Promise<FetchedModel> {
  let over = false;
  const settled = (): void => {
    over = true;
  };
  done.then(settled, settled);
  while (!over) {
    await tick();
    if (!over && clock.pending > 0) await clock.advance(50);
  }
  return await done;
}

/** Loads to the end. */
export const load = (platform: FakePlatform, request?: Partial<FetchRequest>): Promise<FetchedModel> =>
  end(start(platform, request), platform);
