import { cacheBase, cacheName, parseRecord, sideCar } from "./record.ts";
import type { Store } from "./store.ts";
import type { StoreRecord } from "./types.ts";

/** The Cache API: an entry per model, and one with its record. A `put` that fails leaves nothing. Rejects where the browser denies it. */
export async function openCacheStore(caches: CacheStorage): Promise<Store> {
  const cache = await caches.open(cacheName);
  const record = async (key: string): Promise<StoreRecord | undefined> => {
    const found = await cache.match(cacheBase + key + sideCar);
    return found && parseRecord(await found.text());
  };
  const touch = (changed: StoreRecord): Promise<void> =>
    cache.put(cacheBase + changed.key + sideCar, new Response(JSON.stringify(changed)));
  return {
    kind: "cache",
    record,
    async read(key) {
      const found = await cache.match(cacheBase + key);
      return found && new Uint8Array(await found.arrayBuffer());
    },
    hasPart: async () => false,
    part: async () => undefined,
    async commit(kept, bytes) {
      await cache.put(cacheBase + kept.key, new Response(bytes));
      await touch(kept);
    },
    touch,
    async remove(key) {
      await cache.delete(cacheBase + key + sideCar);
      return await cache.delete(cacheBase + key);
    },
    removePart: async () => undefined,
    sweep: async () => false,
    async list() {
      const keys = (await cache.keys()).map(({ url }) => url).filter((url) => url.endsWith(sideCar));
      const records = await Promise.all(keys.map((url) => record(url.slice(cacheBase.length, -sideCar.length))));
      return records.filter((found) => found !== undefined);
    },
  };
}
