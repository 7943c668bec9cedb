import { isQuota, reasonOf } from "./failures.ts";
import type { StorePlatform } from "./platform.ts";
import type { Store } from "./store.ts";
import type { FetchRequest, StoreRecord } from "./types.ts";

/** What makes room in a store for one model. */
export interface Room {
  /** Makes room for a file of this size where the browser says that it would not fit; throws where it cannot ever. */
  reserve(bytes: number): Promise<void>;
  /**
   * Writes; where the quota is exceeded, removes the least recently used entry and writes again. Throws when none is left, and without removing
   * any where `helps` denies that so many bytes more would be enough.
   */
  write<T>(attempt: () => T | Promise<T>, helps?: (bytes: number) => boolean): Promise<T>;
}

/** Room for the model of `key`, whose own entry is never removed. */
export function roomFor(key: string, store: Store, { storage }: StorePlatform, onEvent: FetchRequest["onEvent"]): Room {
  const others = async (): Promise<StoreRecord[]> =>
    (await store.list()).filter((record) => record.key !== key).sort((a, b) => a.lastUsedAt - b.lastUsedAt);
  const removable = async (): Promise<number> => (await others()).reduce((sum, { bytes }) => sum + bytes, 0);
  const evict = async (reason: string): Promise<boolean> => {
    for (const { key: victim, url, bytes, lastUsedAt } of await others()) {
      // Another tab may have it open: then the next one goes.
      if (!(await store.remove(victim).catch(() => false))) continue;
      onEvent({ type: "store-evicted", detail: { key: victim, url, bytes, lastUsedAt, reason } });
      return true;
    }
    return false;
  };
  return {
    async reserve(bytes) {
      if (store.kind === "memory" || storage?.estimate === undefined) return;
      const estimate = async () => storage.estimate().catch((): StorageEstimate => ({}));
      let { quota, usage = 0 } = await estimate();
      if (quota === undefined || usage + bytes <= quota) return;
      if (await store.sweep(key)) ({ quota = usage + bytes, usage = 0 } = await estimate());
      const full = `${bytes} bytes do not fit into the quota of ${quota}`;
      if (usage - (await removable()) + bytes > quota) throw new DOMException(full, "QuotaExceededError");
      while (quota !== undefined && usage + bytes > quota && (await evict(full))) ({ quota, usage = 0 } = await estimate());
    },
    // Chromium's estimate is not its quota, lest it tell pages apart: often only the write shows that there is no room.
    async write(attempt, helps = () => true) {
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          if (!isQuota(error)) throw error;
          if (await store.sweep(key)) continue;
          if (!helps(await removable()) || !(await evict(reasonOf(error)))) throw error;
        }
      }
    },
  };
}
