import { type AbortLike, ConfigError, InputError, type PixelImage } from "@predikt/core";
import { loadSharp, type Sharp } from "./load-sharp.ts";
import { readBytes } from "./read-bytes.ts";

/** Options of {@link readImage}. */
export interface ReadImageOptions {
  /** Gives the image up; its reason is rethrown. What is being decoded ends by itself. */
  readonly signal?: AbortLike | undefined;
  /** Pixels that an image may have, before they are decoded. At least 1, default 2²⁶: 67 million, of which RGBA takes 256 MiB. */
  readonly maxPixels?: number | undefined;
  /** Bytes that a file may have. At least 1, default 2²⁶: 64 MiB. */
  readonly maxBytes?: number | undefined;
}

const names = ["signal", "maxPixels", "maxBytes"];

/**
 * Decodes a PNG, JPEG or WebP (the first frame, where it moves), upright as its EXIF orientation says: three channels in sRGB, or four where the
 * file has alpha. What a file is, its first bytes say, not its name.
 *
 * Needs the package `sharp`; it decodes in libuv's thread pool, so that the event loop stays free.
 *
 * @param source A path, a file URL or bytes, which must not change until the promise settles. Other URLs are the application's to fetch.
 * @throws InputError UNSUPPORTED_MEDIA_TYPE for other formats, BODY_INVALID for a broken file, INPUT_TOO_LARGE past a limit, INPUT_VALUE for a file
 *   that cannot be read; BackendError BACKEND_MISSING; ConfigError CONFIG_INVALID; or `signal.reason`
 */
export async function readImage(source: string | URL | Uint8Array, options: ReadImageOptions = {}): Promise<PixelImage> {
  const { signal, maxPixels = 2 ** 26, maxBytes = 2 ** 26 } = options;
  for (const name of Object.keys(options))
    if (!names.includes(name)) throw new ConfigError(name, `one of ${names.join(", ")}`, "another name");
  checkLimit("maxPixels", maxPixels);
  checkLimit("maxBytes", maxBytes);
  if (signal === undefined) return decode(source, maxPixels, maxBytes);
  if (typeof signal?.addEventListener !== "function") throw new ConfigError("signal", "an AbortSignal", typeof signal);
  if (signal.aborted) throw signal.reason;
  let giveUp: (() => void) | undefined;
  const given = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason);
    signal.addEventListener("abort", giveUp);
  });
  try {
    return await Promise.race([decode(source, maxPixels, maxBytes), given]);
  } finally {
    signal.removeEventListener("abort", giveUp as () => void);
  }
}

async function decode(source: string | URL | Uint8Array, maxPixels: number, maxBytes: number): Promise<PixelImage> {
  const bytes = await readBytes(source, maxBytes);
  if (bytes.length === 0) throw new InputError("BODY_INVALID", "image: expected a PNG, JPEG or WebP, got no bytes");
  // Asked here, not of the decoder: it knows formats, SVG among them, that are programs rather than pictures.
  if (!isPicture(bytes)) {
    throw new InputError("UNSUPPORTED_MEDIA_TYPE", "image: expected a PNG, JPEG or WebP, got bytes that begin as none of them");
  }
  const sharp = await loadSharp();
  await checkHeader(sharp, bytes, maxPixels);
  const { data, info } = await broken(() =>
    sharp(bytes, { failOn: "error", limitInputPixels: maxPixels })
      .autoOrient()
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true }),
  );
  const { width, height, channels } = info;
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height, channels: channels as 3 | 4 };
}

/** Reads the size that a file claims, before anything of that size is made. */
async function checkHeader(sharp: Sharp, bytes: Uint8Array, maxPixels: number): Promise<void> {
  const { width, height } = await broken(() => sharp(bytes, { failOn: "error", limitInputPixels: false }).metadata());
  if (width * height <= maxPixels) return;
  throw new InputError("INPUT_TOO_LARGE", `image: expected at most ${maxPixels} pixels, got ${width} × ${height}`, {
    details: { limit: maxPixels, width, height },
  });
}

/** Runs the decoder, whose errors say what is wrong with the file. */
async function broken<T>(decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
    throw new InputError("BODY_INVALID", `image: expected a whole PNG, JPEG or WebP, got one that cannot be decoded: ${reason}`, { cause });
  }
}

/** Whether bytes begin as a PNG (its specification, section 5.2), a JPEG (ITU-T T.81, B.1.1.3) or a WebP (RFC 9649, section 2.4). */
function isPicture(bytes: Uint8Array): boolean {
  const begins = (at: number, ...magic: readonly number[]): boolean => magic.every((byte, i) => bytes[at + i] === byte);
  const webp = begins(0, 0x52, 0x49, 0x46, 0x46) && begins(8, 0x57, 0x45, 0x42, 0x50);
  return webp || begins(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) || begins(0, 0xff, 0xd8, 0xff);
}

function checkLimit(path: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new ConfigError(path, "a whole number ≥ 1", typeof value === "number" ? "another" : typeof value);
}
