/**
 * Where models are kept: `opfs` (the origin's private files, written in workers only), `cache` (Cache API), `memory` (of this worker), `none`.
 * `auto` takes the first of them that this browser allows.
 */
export type StoreKind = "auto" | "opfs" | "cache" | "memory" | "none";

/** Something that happened to the store. Its detail is plain JSON. */
export interface StoreEvent {
  /** `store-degraded`: the model is kept in memory only, and why; `store-evicted`: room was made; `store-corrupt`: a stored copy was thrown away. */
  readonly type: "store-degraded" | "store-evicted" | "store-corrupt";
  readonly detail: Readonly<Record<string, unknown>>;
}

/** How far a download has come. */
export interface DownloadProgress {
  /** Bytes of the decoded file; never falls, never above `total`. */
  readonly loaded: number;
  /** Undefined while nobody knows it. */
  readonly total: number | undefined;
  readonly fromCache: boolean;
}

/** Which model to get, and how. */
export interface FetchRequest {
  /** An absolute `http(s):`, `blob:` or `data:` URL. */
  readonly url: string;
  /** Hex SHA-256 that the file must have, in any case. With it, a stored copy is used without any request. */
  readonly sha256?: string | undefined;
  /** Bytes of the decoded file, for the progress of a compressed reply. */
  readonly size?: number | undefined;
  readonly store: StoreKind;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** More attempts after one that failed and may succeed later. */
  readonly retries: number;
  /** An attempt is given up when no byte came for so long. */
  readonly idleTimeoutMs: number;
  /** A larger file is MODEL_REFUSED. */
  readonly maxBytes: number;
  /** Its reason is rethrown at once. */
  readonly signal: AbortSignal;
  /** Called at most about ten times a second, and for the first and the last byte. */
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly onEvent: (event: StoreEvent) => void;
}

/** A model's file. */
export interface FetchedModel {
  /** To be read only: the memory store may hold the same bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly fromCache: boolean;
  /** The entry's name in the store, for `forgetModel`. */
  readonly key: string;
}

/** What the store knows of a model. */
export interface StoredModel {
  readonly key: string;
  /** Where it came from, without what may be secret (query, credentials). */
  readonly url: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
  /** Milliseconds since 1970. */
  readonly lastUsedAt: number;
}

/** What tells one version of a file at a URL from another. */
export interface Validator {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** The side-car of a stored model. */
export interface StoreRecord extends StoredModel, Validator {
  /** Stands for the whole URL. */
  readonly source: string;
}
