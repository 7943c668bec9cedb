/** What a WebGPU adapter tells about itself, as far as it is read here. */
export interface AdapterLike {
  readonly info?: { readonly vendor?: string; readonly architecture?: string; readonly isFallbackAdapter?: boolean };
  /** Where browsers older than the `info` attribute say it. */
  readonly isFallbackAdapter?: boolean;
  readonly features?: Iterable<string>;
}

/** The parts of a browser that decide what it can run. `globalThis` is one. */
export interface Platform {
  readonly navigator?: {
    readonly gpu?: { requestAdapter(): Promise<AdapterLike | null> };
    readonly hardwareConcurrency?: number;
    readonly userAgent?: string;
  };
  readonly isSecureContext?: boolean;
  readonly crossOriginIsolated?: boolean;
  readonly SharedArrayBuffer?: unknown;
  readonly WebAssembly?: { validate(bytes: BufferSource): boolean };
}
