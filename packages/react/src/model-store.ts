/** A model that is kept on this device. */
export interface StoredModel {
  /** What `remove` takes. */
  readonly key: string;
  readonly url: string;
  readonly bytes: number;
  /** Hex SHA-256 of the bytes. */
  readonly sha256?: string | undefined;
  /** Milliseconds since 1970. */
  readonly lastUsedAt: number;
}

/** What the kept models take, and what they may. */
export interface ModelStoreUsage {
  readonly usedBytes: number;
  readonly quotaBytes: number | undefined;
  /** Whether the browser has promised not to clear it by itself. */
  readonly persisted: boolean;
  /** Where models are kept: `opfs`, `cache`, `memory`, … */
  readonly kind: string;
}

/** Where models are kept between visits; `modelStore()` of `@predikt/web` is one. */
export interface ModelStore {
  list(): Promise<readonly StoredModel[]>;
  remove(key: string): Promise<unknown>;
  clear(): Promise<unknown>;
  /** Asks the browser not to clear the store by itself. Resolves to whether it agreed. */
  persist(): Promise<boolean>;
  usage(): Promise<ModelStoreUsage>;
}

/** What one device of this machine can do; `supportedDevices` of `@predikt/web` tells it. */
export interface DeviceCapability {
  readonly device: string;
  /** Whether it works when it is asked for by name. */
  readonly supported: boolean;
  /** Whether an automatic choice may take it. */
  readonly automatic: boolean;
  /** Why it is not supported, not automatic, or slower than it could be. */
  readonly reason?: string | undefined;
}
