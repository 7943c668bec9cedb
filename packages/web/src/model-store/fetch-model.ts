import { ConfigError, isPrediktError, ModelError } from "@predikt/core";
import { checkSha256, untilAborted } from "@predikt/core/runtime";
import { addressOf, keyOf, type ModelAddress, urlDigest } from "./address.ts";
import { digestOf } from "./digest.ts";
import { Draft, type DraftStore } from "./draft.ts";
import { exclusively } from "./lock.ts";
import { memoryStore } from "./memory-store.ts";
import { openStore, persistentStores } from "./open-store.ts";
import { browser, type StorePlatform } from "./platform.ts";
import { Meter } from "./progress.ts";
import { roomFor } from "./room.ts";
import type { Store } from "./store.ts";
import { readStored, type StoredCopy } from "./stored.ts";
import { Transfer } from "./transfer.ts";
import type { FetchedModel, FetchRequest, StoreRecord, Validator } from "./types.ts";

export type { FetchedModel, FetchRequest, StoreEvent, StoreKind } from "./types.ts";

/**
 * Gets a model: from the store where the copy is right, else by download, and keeps it. Storage never fails a load. For workers.
 *
 * @throws ModelError MODEL_NOT_FOUND (404, 410), MODEL_FETCH, MODEL_INVALID (a page came instead), MODEL_INTEGRITY, MODEL_REFUSED (past `maxBytes`);
 *   ConfigError CONFIG_INVALID; or `signal.reason`
 */
export async function fetchModel(request: FetchRequest, platform: StorePlatform = browser): Promise<FetchedModel> {
  const { signal, sha256, url } = request;
  if (signal.aborted) throw signal.reason;
  checkSha256(sha256);
  if (!/^(https?|blob|data):/i.test(url)) throw new ConfigError("source", "an absolute http, https, blob or data URL", "another one");
  return await untilAborted(new Load(request, platform).run(), signal);
}

/** Removes a model from every store of this worker: for an entry that the runtime could not read. It never rejects. */
export async function forgetModel(key: string, platform: StorePlatform = browser): Promise<void> {
  const stores = [...(await persistentStores(platform)), memoryStore];
  await Promise.allSettled(stores.map((store) => store.remove(key)));
}

class Load {
  readonly #request: FetchRequest;
  readonly #platform: StorePlatform;
  readonly #address: ModelAddress;
  readonly #meter: Meter;

  constructor(request: FetchRequest, platform: StorePlatform) {
    this.#request = request;
    this.#platform = platform;
    this.#address = addressOf(request.url, platform);
    this.#meter = new Meter(request, platform);
  }

  async run(): Promise<FetchedModel> {
    const { store: kind, sha256, signal, onEvent } = this.#request;
    const key = await keyOf(this.#address, sha256, this.#platform);
    if (kind === "none" || !this.#address.remote) return await this.#download(key, undefined, undefined);
    const store = await openStore(kind, this.#platform, onEvent);
    const locks = store.kind === "memory" ? undefined : this.#platform.locks;
    return await exclusively(key, { locks }, signal, async () => {
      const copy = await readStored(store, key, this.#platform, onEvent);
      if (copy !== undefined && sha256 !== undefined) return await this.#use(copy);
      return await this.#download(key, { store, room: roomFor(key, store, this.#platform, onEvent) }, copy);
    });
  }

  async #download(key: string, place: DraftStore | undefined, copy: StoredCopy | undefined): Promise<FetchedModel> {
    const { onEvent } = this.#request;
    const draft = await Draft.open(key, await urlDigest(this.#address, this.#platform), place, onEvent);
    try {
      const transfer = new Transfer(this.#request, this.#address, this.#platform, draft, this.#meter, copy?.record);
      const outcome = await transfer.run();
      if (outcome.is === "downloaded") return await this.#take(draft, outcome.validator, transfer, place !== undefined);
      await (outcome.is === "unchanged" ? draft.drop() : draft.leave());
      if (copy !== undefined) return await this.#use(copy);
      throw outcome.is === "failed" ? outcome.error : new Error("unreachable: there was no copy to be unchanged");
    } catch (error) {
      // An attempt that was stopped, or whose server may be back later, is gone on from; a file that is wrong is not.
      await (isPrediktError(error) && !error.retryable ? draft.drop() : draft.leave());
      throw error;
    } finally {
      this.#meter.stop();
    }
  }

  /** Checks what has come, and keeps it. */
  async #take(draft: Draft, received: Validator, transfer: Transfer, keep: boolean): Promise<FetchedModel> {
    const expected = this.#request.sha256?.toLowerCase();
    let validator = received;
    let sha256 = await digestOf(draft.bytes, this.#platform);
    if (expected !== undefined && sha256 !== expected && draft.joined) {
      // The parts may not belong together. The whole of it is asked for once.
      await draft.begin({ rest: false, etag: undefined, total: undefined });
      const again = await transfer.run();
      if (again.is === "failed") throw again.error;
      if (again.is === "downloaded") validator = again.validator;
      sha256 = await digestOf(draft.bytes, this.#platform);
    }
    const { shown: url } = this.#address;
    if (expected !== undefined && sha256 !== expected) {
      const details = { url, expected, received: sha256 };
      throw new ModelError("MODEL_INTEGRITY", `the model at ${url}: its SHA-256 is ${sha256}, expected ${expected}`, { details });
    }
    const now = this.#platform.now();
    const { key } = draft;
    const written = await draft.finish();
    const { bytes } = draft;
    const record: StoreRecord = {
      key,
      url,
      sha256,
      bytes: bytes.byteLength,
      storedAt: now,
      lastUsedAt: now,
      source: draft.url,
      ...validator,
    };
    if (keep) await this.#keep(draft, record, written);
    this.#meter.end(bytes.byteLength, false);
    return { bytes, sha256, fromCache: false, key };
  }

  async #keep(draft: Draft, record: StoreRecord, written: boolean): Promise<void> {
    const { place, bytes } = draft;
    try {
      if (place !== undefined) {
        await place.room.write(() => place.store.commit(record, bytes, written));
        return await dropOlder(place.store, record).catch(() => undefined);
      }
    } catch (error) {
      await place?.store.remove(record.key).catch(() => false);
      await draft.degrade(error);
    }
    await memoryStore.commit(record, bytes, false);
  }

  async #use({ store, record, bytes }: StoredCopy): Promise<FetchedModel> {
    const { maxBytes: limit } = this.#request;
    if (record.bytes > limit) {
      throw new ModelError("MODEL_REFUSED", `the model: expected at most ${limit} bytes, got ${record.bytes}`, { details: { limit } });
    }
    await store.touch({ ...record, lastUsedAt: this.#platform.now() }).catch(() => undefined);
    this.#meter.end(record.bytes, true);
    return { bytes, sha256: record.sha256, fromCache: true, key: record.key };
  }
}

/** A URL has one content: what was stored of it under another digest is what it was before. */
async function dropOlder(store: Store, { key, source }: StoreRecord): Promise<void> {
  for (const other of await store.list()) if (other.source === source && other.key !== key) await store.remove(other.key);
}
