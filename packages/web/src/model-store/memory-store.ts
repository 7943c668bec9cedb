import type { Store } from "./store.ts";
import type { StoreRecord } from "./types.ts";

/** Bytes that a worker keeps in memory at most. */
const limitBytes = 256 * 2 ** 20;

/** Keeps models as long as the worker lives, the most recently used of them. Its bytes are those of the caller, not copies. */
export function createMemoryStore(maxBytes: number = limitBytes): Store {
  const entries = new Map<string, { record: StoreRecord; bytes: Uint8Array<ArrayBuffer> }>();
  /** A Map is ordered by insertion: the least recently used comes first. */
  const put = (record: StoreRecord, bytes: Uint8Array<ArrayBuffer>): void => {
    entries.delete(record.key);
    entries.set(record.key, { record, bytes });
    let held = [...entries.values()].reduce((sum, entry) => sum + entry.record.bytes, 0);
    for (const [key, entry] of entries) {
      if (held <= maxBytes) break;
      held -= entry.record.bytes;
      entries.delete(key);
    }
  };
  return {
    kind: "memory",
    record: async (key) => entries.get(key)?.record,
    read: async (key) => entries.get(key)?.bytes,
    hasPart: async () => false,
    part: async () => undefined,
    commit: async (record, bytes) => put(record, bytes),
    touch: async (record) => {
      const entry = entries.get(record.key);
      if (entry !== undefined) put(record, entry.bytes);
    },
    remove: async (key) => entries.delete(key),
    removePart: async () => undefined,
    sweep: async () => false,
    list: async () => [...entries.values()].map(({ record }) => record),
  };
}

/** The one of this worker. */
export const memoryStore: Store = createMemoryStore();
