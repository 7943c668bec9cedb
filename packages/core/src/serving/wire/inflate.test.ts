import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText, inflate, join } from "./inflate.ts";
import { readStream } from "./read-stream.ts";

async function deflate(bytes: Uint8Array, format: CompressionFormat): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const codeOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

describe("inflate", () => {
  it("undoes gzip, deflate and deflate without its header", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.constantFrom("gzip", "deflate", "deflate-raw"), async (bytes, format) => {
        const packed = await deflate(bytes, format);
        expect(await inflate(packed, format === "gzip" ? "gzip" : "deflate", 5000)).toEqual(bytes);
      }),
      { numRuns: 60 },
    );
  });

  it("takes exactly its limit, and stops a bomb long before its end", async () => {
    const zeros = new Uint8Array(1000);
    const packed = await deflate(zeros, "gzip");
    expect(await inflate(packed, "gzip", 1000)).toEqual(zeros);
    expect(await codeOf(inflate(packed, "gzip", 999))).toBe("INPUT_TOO_LARGE");
    const bomb = await deflate(new Uint8Array(64 * 2 ** 20), "gzip");
    expect(bomb.byteLength).toBeLessThan(70_000);
    expect(await codeOf(inflate(bomb, "gzip", 2 ** 20))).toBe("INPUT_TOO_LARGE");
  });

  it("refuses what is broken, cut off anywhere, or nothing", async () => {
    const packed = await deflate(new TextEncoder().encode("some text, some text, some more text"), "gzip");
    for (let length = 0; length < packed.length; length++)
      expect(await codeOf(inflate(packed.subarray(0, length), "gzip", 1000)), `${length}`).toBe("BODY_INVALID");
    const broken = packed.slice();
    broken[15] = (broken[15] as number) ^ 0xff;
    expect(await codeOf(inflate(broken, "gzip", 1000))).toBe("BODY_INVALID");
    expect(await codeOf(inflate(new TextEncoder().encode("plain"), "deflate", 1000))).toBe("BODY_INVALID");
  });

  it("leaves no rejection unhandled, which would fail this run", async () => {
    const bomb = await deflate(new Uint8Array(2 ** 20), "deflate");
    await codeOf(inflate(bomb, "deflate", 10));
    await codeOf(inflate(bomb.subarray(0, 100), "deflate", 2 ** 20));
    await codeOf(inflate(Uint8Array.of(1, 2, 3), "gzip", 10));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  });
});

describe("decodeText", () => {
  it("reads UTF-8 without its mark, and nothing else", () => {
    expect(decodeText(new TextEncoder().encode("\ufeffß 数"))).toBe("ß 数");
    expect(() => decodeText(Uint8Array.of(0x61, 0xff))).toThrow(expect.objectContaining({ code: "BODY_INVALID" }));
  });
});

describe("readStream", () => {
  /** A stream that counts what is pulled out of it. */
  function stream(chunks: number, size: number): { readonly body: ReadableStream<Uint8Array>; pulled: number; cancelled: boolean } {
    const state = { pulled: 0, cancelled: false, body: undefined as unknown as ReadableStream<Uint8Array> };
    state.body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (state.pulled === chunks) controller.close();
          else {
            controller.enqueue(new Uint8Array(size).fill(++state.pulled));
          }
        },
        cancel() {
          state.cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    return state;
  }

  const tooLarge = (): Error => new Error("too large");

  it("joins what comes", async () => {
    expect(await readStream(stream(3, 2).body, 6, tooLarge)).toEqual(Uint8Array.of(1, 1, 2, 2, 3, 3));
    expect(await readStream(null, 6, tooLarge)).toEqual(new Uint8Array(0));
    expect(join([], 0)).toEqual(new Uint8Array(0));
  });

  it("refuses at its limit, throws away a little more, then cancels", async () => {
    const endless = stream(Infinity, 10);
    await expect(readStream(endless.body, 25, tooLarge, 100)).rejects.toThrow("too large");
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    expect([endless.pulled, endless.cancelled]).toEqual([10, true]);
    const short = stream(5, 10);
    await expect(readStream(short.body, 25, tooLarge, 100)).rejects.toThrow("too large");
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    expect([short.pulled, short.cancelled]).toEqual([5, false]);
  });

  it("refuses unread where it was told to", async () => {
    const body = stream(2, 10);
    await expect(readStream(body.body, -1, tooLarge)).rejects.toThrow("too large");
    await expect(readStream(null, -1, tooLarge)).rejects.toThrow("too large");
    expect(body.pulled).toBe(0);
  });
});
