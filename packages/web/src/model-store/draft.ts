import { ModelError } from "@predikt/core";
import { isQuota, reasonOf } from "./failures.ts";
import type { Room } from "./room.ts";
import type { PartFile, PartOrigin, Store } from "./store.ts";
import type { FetchRequest } from "./types.ts";

/** Bytes that are written into the part file at once. */
const flushBytes = 2 ** 20;

/** Where a draft's bytes are written beside memory. */
export interface DraftStore {
  readonly store: Store;
  readonly room: Room;
}

/** The bytes of a download under way: in memory, because the runtime needs them there, and in the store's part file where it has one. */
export class Draft {
  readonly key: string;
  /** Stands for the URL. */
  readonly url: string;
  readonly #onEvent: FetchRequest["onEvent"];
  #place: DraftStore | undefined;
  #part: PartFile | undefined;
  #buffer = new Uint8Array(0);
  #loaded = 0;
  #flushed = 0;
  #etag: string | undefined;
  #joined = false;

  private constructor(key: string, url: string, place: DraftStore | undefined, onEvent: FetchRequest["onEvent"]) {
    this.key = key;
    this.url = url;
    this.#place = place;
    this.#onEvent = onEvent;
  }

  /** Opens a draft, with what an earlier page load has left of it. `url` stands for the URL. */
  static async open(key: string, url: string, place: DraftStore | undefined, onEvent: FetchRequest["onEvent"]): Promise<Draft> {
    const draft = new Draft(key, url, place, onEvent);
    await draft.#guarded(async () => {
      if (!(await place?.store.hasPart(key))) return;
      draft.#part = await place?.store.part(key);
      const left = draft.#part?.resume(url);
      if (left === undefined) return;
      draft.#buffer = left.bytes;
      draft.#loaded = draft.#flushed = left.bytes.byteLength;
      draft.#etag = left.etag;
    });
    return draft;
  }

  /** Where the bytes will be kept: undefined where nowhere, or no more. */
  get place(): DraftStore | undefined {
    return this.#place;
  }

  get loaded(): number {
    return this.#loaded;
  }

  /** The strong ETag of the bytes so far: with it the rest can be asked for. */
  get etag(): string | undefined {
    return this.#etag;
  }

  /** Whether the bytes came by more than one reply. */
  get joined(): boolean {
    return this.#joined;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#loaded);
  }

  /** A reply begins: the rest of the bytes so far, or the file anew. */
  async begin(reply: { readonly rest: boolean; readonly etag: string | undefined; readonly total: number | undefined }): Promise<void> {
    if (!reply.rest) this.#loaded = this.#flushed = 0;
    this.#joined = reply.rest;
    this.#etag = reply.etag;
    if (reply.total !== undefined) {
      this.#grow(reply.total);
      await this.#guarded(() => this.#place?.room.reserve((reply.total as number) - this.#loaded));
    }
    await this.#guarded(async () => {
      this.#part ??= await this.#place?.room.write(() => this.#place?.store.part(this.key));
      await this.#note();
      await this.#reserve(reply.total ?? 0);
    });
  }

  /** Takes bytes. */
  async append(chunk: Uint8Array): Promise<void> {
    const end = this.#loaded + chunk.byteLength;
    if (end > this.#buffer.byteLength) this.#grow(Math.max(end, 2 * this.#buffer.byteLength, flushBytes));
    this.#buffer.set(chunk, this.#loaded);
    this.#loaded = end;
    if (this.#part !== undefined && end - this.#flushed >= flushBytes) await this.#flush();
  }

  /** Everything has come and is right: the part file is written to its end and let go. Whether there is one. */
  async finish(): Promise<boolean> {
    // A total that nobody promised leaves up to half of the buffer empty.
    if (this.#loaded < this.#buffer.byteLength) this.#buffer = this.#buffer.slice(0, this.#loaded);
    await this.#flush();
    await this.#guarded(() => this.#part?.resize(this.#loaded));
    const written = this.#part !== undefined;
    this.#close();
    return written;
  }

  /** The download has stopped: what has come stays, where it can be gone on from. */
  async leave(): Promise<void> {
    if (this.#etag === undefined) return await this.drop();
    await this.#flush();
    await this.#guarded(() => this.#part?.resize(this.#loaded));
    this.#close();
  }

  /** Nothing of this may stay. */
  async drop(): Promise<void> {
    this.#close();
    await this.#place?.store.removePart(this.key).catch(() => undefined);
  }

  /** The store cannot take it: the load goes on in memory. */
  async degrade(error: unknown): Promise<void> {
    const { store } = this.#place as DraftStore;
    await this.drop();
    this.#place = undefined;
    this.#onEvent({
      type: "store-degraded",
      detail: { wanted: store.kind, store: "memory", reason: reasonOf(error), quota: isQuota(error) },
    });
  }

  async #guarded(write: () => unknown): Promise<void> {
    try {
      await write();
    } catch (error) {
      await this.degrade(error);
    }
  }

  async #flush(): Promise<void> {
    if (this.#part === undefined) return;
    await this.#guarded(async () => {
      await this.#place?.room.write(() => this.#part?.write(this.#buffer.subarray(this.#flushed, this.#loaded), this.#flushed));
      this.#flushed = this.#loaded;
      await this.#note();
    });
  }

  async #note(): Promise<void> {
    const origin: PartOrigin | undefined = this.#etag === undefined ? undefined : { url: this.url, etag: this.#etag };
    await this.#place?.room.write(() => this.#part?.note(origin, this.#flushed));
  }

  /**
   * Gives the part file its whole size, so that a want of room shows before the bytes come. Whether the stored models would make enough of it is
   * tried before any of them is removed.
   */
  async #reserve(total: number): Promise<void> {
    const part = this.#part;
    if (part === undefined) return;
    const helps = (bytes: number): boolean => {
      try {
        part.resize(Math.max(this.#loaded, total - bytes));
        return true;
      } catch {
        return false;
      }
    };
    await this.#place?.room.write(() => part.resize(Math.max(this.#loaded, total)), helps);
  }

  #close(): void {
    this.#part?.close();
    this.#part = undefined;
  }

  #grow(capacity: number): void {
    if (capacity <= this.#buffer.byteLength) return;
    try {
      const wider = new Uint8Array(capacity);
      wider.set(this.bytes);
      this.#buffer = wider;
    } catch (cause) {
      throw new ModelError("MODEL_REFUSED", `the model: ${capacity} bytes do not fit into this page's memory`, { cause });
    }
  }
}
