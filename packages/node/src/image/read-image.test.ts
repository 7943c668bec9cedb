import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { deflateSync } from "node:zlib";
import { imageTensor } from "@predikt/core/preprocess";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { readImage } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "predikt-image-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** 3 × 2 pixels, each channel of each another level. */
const levels = (channels: 1 | 2 | 3 | 4): Buffer => Buffer.from(Array.from({ length: 6 * channels }, (_, i) => i * 10));
const made = (channels: 1 | 2 | 3 | 4) => sharp(levels(channels), { raw: { width: 3, height: 2, channels } });
const noise = () =>
  sharp(Buffer.from(Array.from({ length: 90_000 }, (_, i) => (i * 7919) % 251)), { raw: { width: 200, height: 150, channels: 3 } });
const code = (name: string, message: RegExp = /^image: expected/) =>
  expect.objectContaining({ code: name, message: expect.stringMatching(message) });

describe("readImage", () => {
  it("decodes a PNG and a WebP to the very pixels, alpha included", async () => {
    expect(await readImage(await made(3).png().toBuffer())).toEqual({ data: new Uint8Array(levels(3)), width: 3, height: 2, channels: 3 });
    expect(await readImage(await made(4).png().toBuffer())).toEqual({ data: new Uint8Array(levels(4)), width: 3, height: 2, channels: 4 });
    const webp = await readImage(await made(4).webp({ lossless: true, exact: true }).toBuffer());
    expect(webp).toEqual({ data: new Uint8Array(levels(4)), width: 3, height: 2, channels: 4 });
  });

  it("decodes a JPEG, closely", async () => {
    const { data, ...rest } = await readImage(await made(3).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer());
    expect(rest).toEqual({ width: 3, height: 2, channels: 3 });
    for (const [i, level] of data.entries()) expect(Math.abs(level - i * 10)).toBeLessThan(6);
  });

  it("makes three or four channels of eight bits of whatever a file has", async () => {
    const gray = await readImage(await made(1).toColourspace("b-w").png().toBuffer());
    expect(gray).toMatchObject({ channels: 3, data: new Uint8Array([0, 10, 20, 30, 40, 50].flatMap((level) => [level, level, level])) });
    const [grayAlpha, palette, deep, cmyk] = await Promise.all([
      made(2)
        .toColourspace("b-w")
        .png()
        .toBuffer()
        .then((bytes) => readImage(bytes)),
      made(4)
        .png({ palette: true })
        .toBuffer()
        .then((bytes) => readImage(bytes)),
      made(3)
        .toColourspace("rgb16")
        .png()
        .toBuffer()
        .then((bytes) => readImage(bytes)),
      made(3)
        .toColourspace("cmyk")
        .jpeg()
        .toBuffer()
        .then((bytes) => readImage(bytes)),
    ]);
    expect(Array.from(grayAlpha.data.subarray(0, 8))).toEqual([0, 0, 0, 10, 20, 20, 20, 30]);
    expect(palette.channels).toBe(4);
    expect(deep.data).toEqual(new Uint8Array(levels(3)));
    expect(cmyk).toMatchObject({ channels: 3, width: 3, height: 2 });
    expect(cmyk.data).toHaveLength(18);
  });

  it("turns the image as its EXIF orientation says", async () => {
    const upright = await readImage(await noise().jpeg({ quality: 90 }).toBuffer());
    const { data, width, height } = await readImage(await noise().jpeg({ quality: 90 }).withMetadata({ orientation: 6 }).toBuffer());
    expect([width, height]).toEqual([150, 200]);
    // Orientation 6: the file's left column, read upwards, is the first row.
    for (const y of [0, 7, 149])
      expect(Array.from(data.subarray((149 - y) * 3, (149 - y) * 3 + 3))).toEqual(Array.from(upright.data.subarray(y * 600, y * 600 + 3)));
  });

  it("reads paths and file URLs, and what it gives becomes a tensor", async () => {
    const path = join(folder, "named.txt");
    writeFileSync(path, await made(3).png().toBuffer());
    const image = await readImage(path);
    expect(await readImage(pathToFileURL(path))).toEqual(image);
    expect(await readImage(pathToFileURL(path).href)).toEqual(image);
    expect(imageTensor(image, { width: 2, height: 2 })).toMatchObject({ type: "float32", dims: [1, 3, 2, 2] });
  });

  it("gives up when it is told to, and leaves the signal as it was", async () => {
    const bytes = await noise().png().toBuffer();
    const reason = new Error("enough");
    await expect(readImage(bytes, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const reading = readImage(bytes, { signal: controller.signal });
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    const { signal } = new AbortController();
    expect((await readImage(bytes, { signal })).width).toBe(200);
  });
});

describe("what is no image, or too much of one", () => {
  it("BODY_INVALID: cut short, damaged, or empty", async () => {
    await expect(readImage(new Uint8Array())).rejects.toThrow(code("BODY_INVALID"));
    for (const bytes of await Promise.all([noise().png().toBuffer(), noise().jpeg().toBuffer(), noise().webp().toBuffer()])) {
      await expect(readImage(bytes.subarray(0, bytes.length >> 1))).rejects.toThrow(code("BODY_INVALID"));
      await expect(readImage(bytes.subarray(0, 16))).rejects.toThrow(code("BODY_INVALID"));
    }
    const damaged = await noise().png().toBuffer();
    damaged.fill(0x55, 500, 900);
    await expect(readImage(damaged)).rejects.toThrow(code("BODY_INVALID"));
  });

  it("UNSUPPORTED_MEDIA_TYPE: text, and formats that sharp would take", async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>');
    for (const bytes of [Buffer.from("not an image"), svg, await made(3).gif().toBuffer(), await made(3).tiff().toBuffer()]) {
      await expect(readImage(bytes)).rejects.toThrow(code("UNSUPPORTED_MEDIA_TYPE"));
    }
  });

  it("INPUT_TOO_LARGE: a file that claims 10 billion pixels, a bomb that has them, and too many bytes", async () => {
    await expect(readImage(png(100_000, 100_000, Buffer.alloc(10)))).rejects.toThrow(code("INPUT_TOO_LARGE", /100000 × 100000/));
    const bomb = png(12_000, 12_000, Buffer.alloc(12_000 * 1501));
    expect(bomb.length).toBeLessThan(20_000);
    await expect(readImage(bomb)).rejects.toThrow(code("INPUT_TOO_LARGE", /12000 × 12000/));
    const small = await noise().png().toBuffer();
    await expect(readImage(small, { maxPixels: 29_999 })).rejects.toThrow(code("INPUT_TOO_LARGE", /200 × 150/));
    expect((await readImage(small, { maxPixels: 30_000 })).height).toBe(150);
    await expect(readImage(small, { maxBytes: 100 })).rejects.toThrow(code("INPUT_TOO_LARGE", /100 bytes/));
    const path = join(folder, "small.png");
    writeFileSync(path, small);
    await expect(readImage(path, { maxBytes: 100 })).rejects.toThrow(code("INPUT_TOO_LARGE", /100 bytes/));
  });

  it("INPUT_VALUE: no file, a folder; no path in the message", async () => {
    await expect(readImage(join(folder, "none.png"))).rejects.toThrow(code("INPUT_VALUE", /got ENOENT$/));
    await expect(readImage(folder)).rejects.toThrow(code("INPUT_VALUE", /no file$/));
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ["a web address", () => readImage("https://example.com/cat.png"), "source"],
    ["a data URL", () => readImage("data:image/png;base64,AAAA"), "source"],
    ["nothing", () => readImage(undefined as never), "source"],
    ["no pixels", () => readImage("x.png", { maxPixels: 0 }), "maxPixels"],
    ["bytes as text", () => readImage("x.png", { maxBytes: "1" as never }), "maxBytes"],
    ["a signal that is none", () => readImage("x.png", { signal: {} as never }), "signal"],
    ["another name", () => readImage("x.png", { timeoutMs: 1 } as never), "timeoutMs"],
  ])("CONFIG_INVALID: %s", async (_what, call, path) => {
    await expect(call()).rejects.toThrow(expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) }));
  });
});

/** A PNG of one bit per pixel with a header, pixel data, and checksums that are right. */
function png(width: number, height: number, pixels: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** The checksum of PNG's chunks (its specification, annex D); Node 20.19 has none. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
