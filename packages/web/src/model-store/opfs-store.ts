import { moveFile, namesIn, openFolder, readFile, readText, removeFile, writeFile } from "./opfs-files.ts";
import { openPartFile, partName, partNote, removePartFile } from "./part-file.ts";
import { parseRecord, sideCar } from "./record.ts";
import type { Store } from "./store.ts";
import type { StoreRecord } from "./types.ts";

/** The origin's private files: a file per model, and a side-car with its record. Rejects where the browser denies them. Workers only. */
export async function openOpfsStore(storage: StorageManager): Promise<Store> {
  const folder = await openFolder(storage);
  const record = async (key: string): Promise<StoreRecord | undefined> => {
    const text = await readText(folder, key + sideCar);
    return text === undefined ? undefined : parseRecord(text);
  };
  const touch = (changed: StoreRecord): Promise<void> =>
    writeFile(folder, changed.key + sideCar, new TextEncoder().encode(JSON.stringify(changed)));
  return {
    kind: "opfs",
    record,
    read: (key) => readFile(folder, key),
    hasPart: async (key) => ((await readText(folder, partNote(key))) ?? "") !== "",
    part: (key) => openPartFile(folder, key),
    async commit(kept, bytes, written) {
      // The side-car comes last: a file without one is no entry.
      if (!written || !(await moveFile(folder, partName(kept.key), kept.key))) await writeFile(folder, kept.key, bytes);
      await touch(kept);
      await removePartFile(folder, kept.key);
    },
    touch,
    async remove(key) {
      await removeFile(folder, key + sideCar);
      return await removeFile(folder, key);
    },
    removePart: (key) => removePartFile(folder, key),
    async list() {
      const keys = (await namesIn(folder)).filter((name) => name.endsWith(sideCar)).map((name) => name.slice(0, -sideCar.length));
      return (await Promise.all(keys.map(record))).filter((found) => found !== undefined);
    },
    async sweep(key) {
      const names = await namesIn(folder);
      const kept = new Set(names.filter((name) => name.endsWith(sideCar)).flatMap((name) => [name, name.slice(0, -sideCar.length)]));
      const lost = names.filter((name) => !kept.has(name) && !name.startsWith(key));
      // One that another download has open stays.
      const removed = await Promise.all(lost.map((name) => removeFile(folder, name).catch(() => false)));
      return removed.includes(true);
    },
  };
}
