import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cacheKey, portableHash } from "./cache-key.ts";
import { copyOf } from "./copy.ts";

const keyOf = (value: unknown): string | undefined => cacheKey([value], portableHash);
const tensor = (type: string, data: unknown, dims: readonly number[]) => ({ type, data, dims });

class Box {
  readonly x = 1;
}

/** As Node's Buffer does. */
class Shared extends Uint8Array<ArrayBuffer> {
  override slice(from?: number, to?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(from, to);
  }
}

const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;

describe("cacheKey", () => {
  it("keeps apart whatever a model could", () => {
    const different: unknown[] = [
      ...[1, "1", 1n, true, "true", 0, -0, Number.NaN, "NaN", null, undefined, "", [], {}, [1], ["1"], [[1]], [1, 2], [12], "12"],
      ...[
        { a: 1 },
        { a: undefined },
        { b: 1 },
        { a: "1" },
        { a: 1, b: 2 },
        { a: { b: 1 } },
        [undefined],
        [null],
        ["a", "b"],
        ["ab"],
        ["ab", ""],
      ],
      ...[
        new Uint8Array([1]),
        new Int8Array([1]),
        new Uint8ClampedArray([1]),
        new Uint8Array([1, 0]),
        new Uint8Array([1]).buffer,
        new Date(1),
      ],
      ...[new Float32Array([0]), new Float32Array([-0]), new Uint32Array([0]), new Float64Array(0), new Float32Array(0)],
      ...[tensor("float32", new Float32Array([1, 2]), [1, 2]), tensor("float32", new Float32Array([1, 2]), [2])],
      ...[tensor("float16", new Uint16Array([1]), [1]), tensor("uint16", new Uint16Array([1]), [1])],
      ...["\ud800", "\udc00", "\ufffd", "é", "e\u0301", "x".repeat(2000), "x".repeat(2001)],
    ];
    const keys = different.map(keyOf);
    expect(new Set(keys).size).toBe(different.length);
    expect(keys.every((key) => /^[0-9a-f]{64}$/.test(key as string))).toBe(true);
  });

  it("takes the same for the same", () => {
    expect(keyOf({ a: 1, b: [2] })).toBe(keyOf({ b: [2], a: 1 }));
    expect(keyOf(Number.NaN)).toBe(keyOf(-Number.NaN));
    expect(keyOf(Shared.of(1, 2))).toBe(keyOf(new Uint8Array([1, 2])));
    expect(keyOf(new Uint8Array([9, 1, 2]).subarray(1))).toBe(keyOf(new Uint8Array([1, 2])));
    expect(keyOf(Object.assign(Object.create(null), { a: 1 }))).toBe(keyOf({ a: 1 }));
  });

  it("has no key for what cannot be compared by its content", () => {
    const getter = {
      get x(): never {
        throw new Error("no");
      },
    };
    for (const value of [new Box(), () => 1, Symbol("s"), new Map(), cycle, { deep: [new Blob([])] }, Promise.resolve(1), getter])
      expect(keyOf(value)).toBeUndefined();
  });

  it("a copy has the key of its original", () => {
    fc.assert(
      fc.property(fc.anything({ withTypedArray: true, withBigInt: true, withNullPrototype: true }), (value) => {
        const copy = copyOf(value);
        const key = keyOf(value);
        expect(copy === undefined ? key : keyOf(copy.value)).toBe(key);
      }),
    );
  });

  it("different values have different keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(keyOf(a) === keyOf(b)).toBe(sorted(a) === sorted(b));
      }),
    );
  });
});

/** JSON with sorted keys, and -0, which JSON has not. */
function sorted(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${sorted(inner)}`).join()}}`;
}

describe("copyOf", () => {
  it("shares nothing with the original, and tells its size", () => {
    const view = new Float32Array(1000);
    const value = { list: [1, { view }], date: new Date(5), none: undefined, big: 1n };
    const copy = copyOf(value) as { value: typeof value; bytes: number };
    expect(copy.value).toEqual(value);
    expect(copy.value.list[1]).not.toBe(value.list[1]);
    expect(copy.bytes).toBeGreaterThan(4000);
    expect(copy.bytes).toBeLessThan(4500);
    const strange = JSON.parse('{"__proto__": {"x": 1}}');
    expect(Object.keys(copyOf(strange)?.value as object)).toEqual(["__proto__"]);
    const buffer = Shared.of(1, 2, 3);
    const bytes = copyOf(buffer)?.value as Uint8Array;
    buffer[0] = 9;
    expect(bytes).toEqual(new Uint8Array([1, 2, 3]));
  });

  it("leaves what it cannot copy", () => {
    for (const value of [new Box(), () => 1, new Map(), cycle, new DataView(new ArrayBuffer(1))]) expect(copyOf(value)).toBeUndefined();
  });
});
