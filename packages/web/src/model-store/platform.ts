/** What the store needs of a browser. Everything but `fetch` may be missing: on an insecure origin, in a private window, in an old browser. */
export interface StorePlatform {
  readonly fetch: typeof fetch;
  readonly origin: string;
  readonly caches: CacheStorage | undefined;
  readonly storage: StorageManager | undefined;
  readonly locks: LockManager | undefined;
  readonly subtle: SubtleCrypto | undefined;
  /** Whether private files can be written: in workers only. */
  readonly syncFiles: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back after so many milliseconds; returns what stops it. */
  timer(ms: number, callback: () => void): () => void;
}

/** The browser that this code runs in. Getters: a page may be denied its storage between two loads, and reading it may throw. */
export const browser: StorePlatform = {
  fetch: (input, init) => fetch(input, init),
  get origin() {
    return globalThis.origin;
  },
  get caches() {
    return quietly(() => globalThis.caches);
  },
  get storage() {
    return quietly(() => navigator.storage);
  },
  get locks() {
    return quietly(() => navigator.locks);
  },
  get subtle() {
    return quietly(() => crypto.subtle);
  },
  get syncFiles() {
    const { FileSystemFileHandle: handles } = globalThis as { FileSystemFileHandle?: { prototype: { createSyncAccessHandle?: unknown } } };
    return handles?.prototype.createSyncAccessHandle !== undefined;
  },
  now: () => Date.now(),
  timer(ms, callback) {
    const id = setTimeout(callback, ms);
    return () => clearTimeout(id);
  },
};

function quietly<T>(read: () => T): T | undefined {
  try {
    return read() ?? undefined;
  } catch {
    return undefined;
  }
}
