import { FakeClock } from "@predikt/core/testing";
import type { StorePlatform } from "../src/model-store/platform.ts";

/** A browser's storage in this process: files, caches, a quota, and a clock that moves when told to. */
export class FakePlatform implements StorePlatform {
  readonly clock: FakeClock = new FakeClock();
  readonly files: Map<string, Uint8Array> = new Map();
  readonly entries: Map<string, Uint8Array> = new Map();
  readonly requests: Request[] = [];
  /** Answers the next requests, one after another; the last answers all that follow. */
  answers: ((request: Request) => Response | Promise<Response>)[] = [];
  /** Bytes that files and entries may have in all. */
  quota: number = Number.POSITIVE_INFINITY;
  /** Thrown by every access to private files. */
  denied: Error | undefined;
  origin = "http://app.test";
  syncFiles = true;
  readonly locks: undefined;
  readonly subtle: SubtleCrypto = globalThis.crypto.subtle;

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input as string, init);
    this.requests.push(request);
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    if (answer === undefined) throw new TypeError("Failed to fetch");
    return await answer(request);
  };

  now(): number {
    return this.clock.now();
  }

  timer(ms: number, callback: () => void): () => void {
    const timer = this.clock.after(ms, callback);
    return () => this.clock.clear(timer);
  }

  get used(): number {
    return [...this.files.values(), ...this.entries.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  get storage(): StorageManager | undefined {
    const getDirectory = async (): Promise<object> => {
      if (this.denied !== undefined) throw this.denied;
      return { getDirectoryHandle: async () => this.#folder() };
    };
    return { getDirectory } as unknown as StorageManager;
  }

  get caches(): CacheStorage | undefined {
    const cache = {
      match: async (url: string) => {
        const found = this.entries.get(url);
        return found && new Response(found.slice());
      },
      put: async (url: string, response: Response) => {
        const bytes = new Uint8Array(await response.arrayBuffer());
        this.#room(bytes.byteLength - (this.entries.get(url)?.byteLength ?? 0));
        this.entries.set(url, bytes);
      },
      delete: async (url: string) => this.entries.delete(url),
      keys: async () => [...this.entries.keys()].map((url) => ({ url })),
    };
    return { open: async () => cache } as unknown as CacheStorage;
  }

  #room(bytes: number): void {
    if (bytes > 0 && this.used + bytes > this.quota) throw new DOMException("no room", "QuotaExceededError");
  }

  #set(name: string, bytes: Uint8Array): void {
    this.#room(bytes.byteLength - (this.files.get(name)?.byteLength ?? 0));
    this.files.set(name, bytes);
  }

  #folder(): object {
    const file = (name: string): Uint8Array => this.files.get(name) as Uint8Array;
    const resized = (name: string, size: number): Uint8Array => {
      const bytes = new Uint8Array(size);
      bytes.set(file(name).subarray(0, size));
      return bytes;
    };
    const handle = (name: string): object => ({
      getFile: async () => new Blob([file(name).slice()]),
      move: async (to: string) => {
        this.files.set(to, file(name));
        this.files.delete(name);
      },
      createSyncAccessHandle: async () => ({
        getSize: () => file(name).byteLength,
        read: (buffer: Uint8Array, { at }: { at: number }) => {
          const part = file(name).subarray(at, at + buffer.byteLength);
          buffer.set(part);
          return part.byteLength;
        },
        write: (buffer: Uint8Array, { at }: { at: number }) => {
          const bytes = resized(name, Math.max(file(name).byteLength, at + buffer.byteLength));
          bytes.set(buffer, at);
          this.#set(name, bytes);
          return buffer.byteLength;
        },
        truncate: (size: number) => this.#set(name, resized(name, size)),
        flush: () => undefined,
        close: () => undefined,
      }),
    });
    return {
      getFileHandle: async (name: string, { create = false } = {}) => {
        if (!this.files.has(name)) {
          if (!create) throw new DOMException(name, "NotFoundError");
          this.files.set(name, new Uint8Array(0));
        }
        return handle(name);
      },
      removeEntry: async (name: string) => {
        if (!this.files.delete(name)) throw new DOMException(name, "NotFoundError");
      },
      // As asynchronous as it must be to be looped over; a copy, because files are removed meanwhile.
      keys: () => [...this.files.keys()],
    };
  }
}
