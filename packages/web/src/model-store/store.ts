import type { StoreKind, StoreRecord } from "./types.ts";

/** Which file the bytes of a part belong to: they may be joined only with the rest of the same. */
export interface PartOrigin {
  /** Stands for the URL. */
  readonly url: string;
  readonly etag: string;
}

/** The file of a download under way. */
export interface PartFile {
  /** Bytes that an earlier page load has left, to go on from; empty where there are none of this origin. */
  resume(url: string): { readonly etag: string; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;
  /** Writes bytes at their place. Throws as the browser does: QuotaExceededError, … */
  write(bytes: Uint8Array, at: number): void;
  /** Makes the file so long. */
  resize(bytes: number): void;
  /** Says how many of the bytes written so far a later page load may go on from. */
  note(origin: PartOrigin | undefined, loaded: number): void;
  /** Lets go of the file, which stays. */
  close(): void;
}

/** A place that keeps models. Its methods reject as the browser does; the callers know what that means for a load. */
export interface Store {
  readonly kind: Exclude<StoreKind, "auto" | "none">;
  record(key: string): Promise<StoreRecord | undefined>;
  /** The bytes as they lie there, unchecked. */
  read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Whether an earlier page load has left a part. */
  hasPart(key: string): Promise<boolean>;
  /** A file to write a download into while it comes, where this store has such. */
  part(key: string): Promise<PartFile | undefined>;
  /** Keeps a model: the file of its download where `written`, else these bytes. An entry of the same key is replaced. */
  commit(record: StoreRecord, bytes: Uint8Array<ArrayBuffer>, written: boolean): Promise<void>;
  /** Writes a record anew. */
  touch(record: StoreRecord): Promise<void>;
  /** Removes an entry; whether there was one. */
  remove(key: string): Promise<boolean>;
  /** Removes what a download has left. */
  removePart(key: string): Promise<void>;
  list(): Promise<StoreRecord[]>;
  /** Removes what belongs to no entry, except of this key: parts nobody went on with, files whose side-car is lost. Whether there was any. */
  sweep(key: string): Promise<boolean>;
}
