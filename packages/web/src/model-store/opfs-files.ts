import { folderName } from "./record.ts";

/** A file opened for synchronous use, which only workers have. TypeScript's library for pages does not know it. */
export interface SyncHandle {
  getSize(): number;
  read(buffer: Uint8Array, options: { at: number }): number;
  write(buffer: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

type WorkerFileHandle = FileSystemFileHandle & {
  createSyncAccessHandle?(): Promise<SyncHandle>;
  move?(name: string): Promise<void>;
};

/** The folder of the models. Rejects where the browser denies it. */
export async function openFolder(storage: StorageManager): Promise<FileSystemDirectoryHandle> {
  return await (await storage.getDirectory()).getDirectoryHandle(folderName, { create: true });
}

/** A file's content, or undefined where there is no such file. */
export async function readFile(folder: FileSystemDirectoryHandle, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const handle = await handleOf(folder, name);
  return handle && new Uint8Array(await (await handle.getFile()).arrayBuffer());
}

/** A file's content as text, or undefined where there is no such file. */
export async function readText(folder: FileSystemDirectoryHandle, name: string): Promise<string | undefined> {
  const handle = await handleOf(folder, name);
  return handle && (await (await handle.getFile()).text());
}

/** Opens a file to write, and makes it where it is missing. Rejects with NoModificationAllowedError while another has it open. */
export async function openSync(folder: FileSystemDirectoryHandle, name: string): Promise<SyncHandle> {
  const handle: WorkerFileHandle = await folder.getFileHandle(name, { create: true });
  if (handle.createSyncAccessHandle === undefined) throw new DOMException("no synchronous files here", "NotSupportedError");
  return await handle.createSyncAccessHandle();
}

/** Replaces a file's content. One write of the whole, so that a side-car whose length stays the same is never torn. */
export async function writeFile(folder: FileSystemDirectoryHandle, name: string, bytes: Uint8Array): Promise<void> {
  const handle = await openSync(folder, name);
  try {
    writeAt(handle, bytes, 0);
    handle.truncate(bytes.byteLength);
  } finally {
    handle.close();
  }
}

/** Writes all of the bytes or throws: a browser without room may write only some. */
export function writeAt(handle: SyncHandle, bytes: Uint8Array, at: number): void {
  const written = handle.write(bytes, { at });
  if (written < bytes.byteLength) throw new DOMException(`only ${written} of ${bytes.byteLength} bytes were written`, "QuotaExceededError");
}

/** Removes a file; whether it was there. */
export async function removeFile(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await folder.removeEntry(name);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** The names of all files. */
export async function namesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  return names;
}

/** Renames a file over another; false where that fails, as it does in browsers that cannot. */
export async function moveFile(folder: FileSystemDirectoryHandle, from: string, to: string): Promise<boolean> {
  try {
    const handle: WorkerFileHandle = await folder.getFileHandle(from);
    if (handle.move === undefined) return false;
    await removeFile(folder, to);
    await handle.move(to);
    return true;
  } catch {
    return false;
  }
}

async function handleOf(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemFileHandle | undefined> {
  try {
    return await folder.getFileHandle(name);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as Error | undefined)?.name === "NotFoundError";
}
