import { openSync, removeFile, type SyncHandle, writeAt } from "./opfs-files.ts";
import type { PartFile, PartOrigin } from "./store.ts";

/** The names of a download's file and of its side-car. */
export const partName = (key: string): string => `${key}.part`;
export const partNote = (key: string): string => `${key}.part-note`;

/** Opens the file of a download, and its side-car: which file the bytes are of, and how many of them count. */
export async function openPartFile(folder: FileSystemDirectoryHandle, key: string): Promise<PartFile> {
  const data = await openSync(folder, partName(key));
  let note: SyncHandle;
  try {
    note = await openSync(folder, partNote(key));
  } catch (error) {
    data.close();
    throw error;
  }
  return {
    resume(url) {
      const left = parseNote(readAll(note, note.getSize()));
      if (left === undefined || left.url !== url) return undefined;
      const bytes = readAll(data, Math.min(left.loaded, data.getSize()));
      return bytes.byteLength === 0 ? undefined : { etag: left.etag, bytes };
    },
    write: (bytes, at) => writeAt(data, bytes, at),
    resize: (bytes) => data.truncate(bytes),
    note(origin, loaded) {
      const text = origin === undefined ? "" : JSON.stringify({ ...origin, loaded });
      const bytes = new TextEncoder().encode(text);
      writeAt(note, bytes, 0);
      note.truncate(bytes.byteLength);
    },
    close() {
      data.close();
      note.close();
    },
  };
}

/** Removes what is left of a download. */
export async function removePartFile(folder: FileSystemDirectoryHandle, key: string): Promise<void> {
  await removeFile(folder, partNote(key));
  await removeFile(folder, partName(key));
}

function readAll(handle: SyncHandle, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  return bytes.subarray(0, handle.read(bytes, { at: 0 }));
}

function parseNote(bytes: Uint8Array): (PartOrigin & { loaded: number }) | undefined {
  try {
    const note = JSON.parse(new TextDecoder().decode(bytes)) as PartOrigin & { loaded: number };
    return note.loaded > 0 && typeof note.etag === "string" ? note : undefined;
  } catch {
    return undefined;
  }
}
