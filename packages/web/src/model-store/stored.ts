import { digestOf } from "./digest.ts";
import { reasonOf } from "./failures.ts";
import { memoryStore } from "./memory-store.ts";
import type { StorePlatform } from "./platform.ts";
import type { Store } from "./store.ts";
import type { FetchRequest, StoreRecord } from "./types.ts";

/** A stored model whose bytes are what its record says. */
export interface StoredCopy {
  readonly store: Store;
  readonly record: StoreRecord;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads a model from a store, or from memory where that could not take it. What is not whole is removed, with an event. */
export async function readStored(
  store: Store,
  key: string,
  platform: StorePlatform,
  onEvent: FetchRequest["onEvent"],
): Promise<StoredCopy | undefined> {
  for (const from of new Set([store, memoryStore])) {
    const copy = await readFrom(from, key, platform, onEvent).catch((error: unknown) => {
      onEvent({ type: "store-degraded", detail: { wanted: from.kind, store: "memory", reason: reasonOf(error) } });
    });
    if (copy !== undefined) return copy;
  }
  return undefined;
}

async function readFrom(
  store: Store,
  key: string,
  platform: StorePlatform,
  onEvent: FetchRequest["onEvent"],
): Promise<StoredCopy | undefined> {
  const record = await store.record(key);
  if (record === undefined) return undefined;
  const bytes = await store.read(key);
  const damage = await damageOf(bytes, record, platform);
  if (bytes !== undefined && damage === undefined) return { store, record, bytes };
  onEvent({ type: "store-corrupt", detail: { key, url: record.url, store: store.kind, reason: damage } });
  await store.remove(key);
  return undefined;
}

async function damageOf(
  bytes: Uint8Array<ArrayBuffer> | undefined,
  { bytes: size, sha256 }: StoreRecord,
  platform: StorePlatform,
): Promise<string | undefined> {
  if (bytes === undefined) return "the file is gone";
  if (bytes.byteLength !== size) return `expected ${size} bytes, got ${bytes.byteLength}`;
  return (await digestOf(bytes, platform)) === sha256 ? undefined : "its SHA-256 is another than the one of the download";
}
