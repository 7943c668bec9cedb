import type { StoreRecord } from "./types.ts";

/** The folder of the origin's private files. */
export const folderName = "predikt-models";
/** The cache of the Cache API. */
export const cacheName = "predikt-models";
/** Cache entries need a URL; this one is nobody's. */
export const cacheBase = "https://models.predikt.invalid/";
/** What a side-car's name ends with. */
export const sideCar = ".json";

/** Reads a side-car; undefined where it is torn or not one. */
export function parseRecord(text: string): StoreRecord | undefined {
  try {
    const record = JSON.parse(text) as StoreRecord;
    return typeof record.key === "string" && typeof record.sha256 === "string" && record.bytes >= 0 ? record : undefined;
  } catch {
    return undefined;
  }
}
