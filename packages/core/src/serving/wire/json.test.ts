import { describe, expect, it } from "vitest";
import { tensor } from "../../tensor/index.ts";
import { toJson, toPlain } from "./json.ts";

describe("toJson", () => {
  it.each([
    ["numbers", [1, -0.5, 0], "[1,-0.5,0]"],
    ["what JSON has no number for", [Number.NaN, Infinity, -Infinity], '["NaN","Infinity","-Infinity"]'],
    ["bigints, exact", [1n, -(2n ** 53n) + 1n, 2n ** 53n, -(2n ** 63n)], '[1,-9007199254740991,"9007199254740992","-9223372036854775808"]'],
    [
      "typed arrays",
      { a: Float32Array.of(0.5, Number.NaN), b: BigInt64Array.of(7n), c: new Uint8Array(0) },
      '{"a":[0.5,"NaN"],"b":[7],"c":[]}',
    ],
    ["a tensor", tensor("float32", [1, 2], [1, 2]), '{"type":"float32","dims":[1,2],"data":[1,2]}'],
    ["a float16 tensor, by value", tensor("float16", [1.5]), '{"type":"float16","dims":[1],"data":[1.5]}'],
    ["a bool tensor", tensor("bool", [true, false]), '{"type":"bool","dims":[2],"data":[true,false]}'],
    ["dates, by their own word", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["nothing", undefined, "null"],
    ["null and undefined inside", { a: null, b: undefined }, '{"a":null}'],
    ["a class's own fields", Object.assign(Object.create({ inherited: 1n }), { own: 2n }), '{"own":2}'],
  ])("writes %s", (_name, value, text) => {
    expect(toJson(value)).toBe(text);
  });

  it("cannot write a cycle", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => toJson(cycle)).toThrow();
  });
});

describe("toPlain", () => {
  it("gives the same object where nothing needs to change, and never changes the one given", () => {
    const same = { a: [1, { b: "c" }] };
    expect(toPlain(same)).toBe(same);
    const other = { a: [1, { b: 2n }], c: 3 };
    expect(toPlain(other)).toEqual({ a: [1, { b: 2 }], c: 3 });
    expect(other.a[1]).toEqual({ b: 2n });
  });

  it("keeps a key named __proto__ a key", () => {
    const value = JSON.parse('{"__proto__":1,"a":1}') as Record<string, unknown>;
    value["a"] = 1n;
    const plain = toPlain(value) as object;
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
    expect(JSON.stringify(plain)).toBe('{"__proto__":1,"a":1}');
  });
});
