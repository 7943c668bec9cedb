import { cacheBase, cacheName, folderName, parseRecord, sideCar } from "./record.ts";
import type { StoredModel } from "./types.ts";

export type { StoredModel } from "./types.ts";

/** What the store takes. */
export interface StoreUsage {
  /** Where models of this page are kept. `memory`: nothing outlives the page, as on an insecure origin. */
  readonly kind: "opfs" | "cache" | "memory";
  /** Bytes of the stored models. */
  readonly usedBytes: number;
  /** Bytes that the browser grants this origin for everything it stores; undefined where it does not say. */
  readonly quotaBytes: number | undefined;
  /** Whether the browser has promised not to clear the origin's storage by itself. */
  readonly persisted: boolean;
}

/** The models that this browser keeps for this origin. Nothing here rejects because storage is denied: then the store is empty. */
export interface ModelStore {
  /** Every stored model, the most recently used first. */
  list(): Promise<StoredModel[]>;
  /** Removes a model; whether it was there. A predictor that has it open goes on. */
  remove(key: string): Promise<boolean>;
  /** Removes all models, and what interrupted downloads have left. */
  clear(): Promise<void>;
  /** Asks the browser to keep this origin's storage when room gets short; whether it promises to. A browser may ask the user. */
  persist(): Promise<boolean>;
  usage(): Promise<StoreUsage>;
}

/** The store of models, as seen from a page or a worker. It holds nothing open. */
export function modelStore(): ModelStore {
  return { list, remove, clear, persist, usage };
}

/** Whatever is denied, missing or in use is as if it were not there. */
async function quietly<T>(read: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}

const root = () => quietly(() => navigator.storage?.getDirectory?.());
const folder = async () => quietly(async () => (await root())?.getDirectoryHandle(folderName));
const cache = () => quietly(async () => ((await globalThis.caches?.has(cacheName)) ? caches.open(cacheName) : undefined));

/** Every side-car's text. */
async function sideCars(): Promise<(string | undefined)[]> {
  const texts: Promise<string | undefined>[] = [];
  await quietly(async () => {
    const files = await folder();
    for await (const name of files?.keys() ?? []) {
      if (name.endsWith(sideCar)) texts.push(quietly(async () => (await (await files?.getFileHandle(name))?.getFile())?.text()));
    }
  });
  await quietly(async () => {
    const entries = await cache();
    for (const { url } of (await entries?.keys()) ?? []) {
      if (url.endsWith(sideCar)) texts.push(quietly(async () => (await entries?.match(url))?.text()));
    }
  });
  return await Promise.all(texts);
}

async function list(): Promise<StoredModel[]> {
  return (await sideCars())
    .map((text) => parseRecord(text ?? ""))
    .filter((record) => record !== undefined)
    .map(({ key, url, sha256, bytes, storedAt, lastUsedAt }) => ({ key, url, sha256, bytes, storedAt, lastUsedAt }))
    .sort((a, b) => b.lastUsedAt - a.lastUsedAt);
}

async function remove(key: string): Promise<boolean> {
  const [files, entries] = [await folder(), await cache()];
  const gone = await Promise.all(
    ["", sideCar].flatMap((end) => [
      quietly(async () => files?.removeEntry(key + end).then(() => true)),
      quietly(async () => entries?.delete(cacheBase + key + end)),
    ]),
  );
  return gone.includes(true);
}

async function clear(): Promise<void> {
  await quietly(async () => (await root())?.removeEntry(folderName, { recursive: true }));
  // A download under way has its part file open, so the folder stays: all others go.
  for (const { key } of await list()) await remove(key);
  await quietly(() => globalThis.caches?.delete(cacheName));
}

async function persist(): Promise<boolean> {
  return (await quietly(() => navigator.storage?.persist?.())) ?? false;
}

async function usage(): Promise<StoreUsage> {
  const kind = (await root()) ? "opfs" : (await quietly(() => globalThis.caches?.keys())) ? "cache" : "memory";
  const usedBytes = (await list()).reduce((sum, { bytes }) => sum + bytes, 0);
  const quotaBytes = (await quietly(() => navigator.storage?.estimate?.()))?.quota;
  return { kind, usedBytes, quotaBytes, persisted: (await quietly(() => navigator.storage?.persisted?.())) ?? false };
}
