import { openCacheStore } from "./cache-store.ts";
import { reasonOf } from "./failures.ts";
import { memoryStore } from "./memory-store.ts";
import { openOpfsStore } from "./opfs-store.ts";
import type { StorePlatform } from "./platform.ts";
import type { Store } from "./store.ts";
import type { FetchRequest, StoreKind } from "./types.ts";

const kinds = { auto: ["opfs", "cache"], opfs: ["opfs"], cache: ["cache"], memory: [] } as const;

/** Opens the store that was asked for, or memory, with an event that says why. It never rejects. */
export async function openStore(
  kind: Exclude<StoreKind, "none">,
  platform: StorePlatform,
  onEvent: FetchRequest["onEvent"],
): Promise<Store> {
  const reasons: string[] = [];
  for (const wanted of kinds[kind]) {
    try {
      return await openers[wanted](platform);
    } catch (error) {
      reasons.push(`${wanted}: ${reasonOf(error)}`);
    }
  }
  if (reasons.length > 0) onEvent({ type: "store-degraded", detail: { wanted: kind, store: "memory", reason: reasons.join("; ") } });
  return memoryStore;
}

/** Every persistent store that this browser allows. */
export async function persistentStores(platform: StorePlatform): Promise<Store[]> {
  const opened = await Promise.allSettled(kinds.auto.map((kind) => openers[kind](platform)));
  return opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

const openers = {
  async opfs({ storage, syncFiles }: StorePlatform): Promise<Store> {
    if (storage?.getDirectory === undefined) throw new Error(missing("no private file system"));
    if (!syncFiles) throw new Error("this browser has no synchronous files here");
    return await openOpfsStore(storage);
  },
  async cache({ caches }: StorePlatform): Promise<Store> {
    if (caches === undefined) throw new Error(missing("no Cache API"));
    return await openCacheStore(caches);
  },
};

function missing(what: string): string {
  return globalThis.isSecureContext === false ? `${what} on an insecure origin (HTTPS or localhost has it)` : `this browser has ${what}`;
}
