import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketOf, endsOf } from "./bucket.ts";
import { Split } from "./split.ts";

// The vectors of GrowthBook's SDK specification 0.5.4, cases.json, "hash", version 2.
const vectors: readonly [seed: string, key: string, bucket: number][] = [
  ["seed", "a", 0.0505],
  ["seed", "b", 0.2696],
  ["foo", "ab", 0.2575],
  ["foo", "def", 0.2019],
  ["89123klj", "8952klfjas09ujkasdf", 0.124],
  ["90850943850283058242805", "123", 0.7516],
  ["()**(%$##$%#$#", '___)((*":&', 0.0128],
];

describe("bucketOf", () => {
  it.each(vectors)("%j and %j give %d, as GrowthBook says", (seed, key, bucket) => {
    expect(bucketOf(seed, key)).toBe(bucket);
  });

  it("spreads keys evenly", () => {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const at = Math.floor(bucketOf("m", `user-${i}`) * 10);
      counts[at] = (counts[at] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });
});

describe("endsOf", () => {
  // cases.json, "getBucketRange", at full coverage.
  it.each([
    [
      [1, 1],
      [0.5, 1],
    ],
    [
      [1, 1, 1, 1],
      [0.25, 0.5, 0.75, 1],
    ],
    [
      [0.4, 0.6],
      [0.4, 1],
    ],
    [
      [0.2, 0.3, 0.5],
      [0.2, 0.5, 1],
    ],
    [
      [1, 0],
      [1, 1],
    ],
    [
      [0, 1],
      [0, 1],
    ],
    [
      [90, 10],
      [0.9, 1],
    ],
  ])("lays %j to %j", (weights, ends) => {
    expect(endsOf(weights)).toEqual(ends.map((end) => expect.closeTo(end, 12)));
  });
});

describe("Split", () => {
  const weights = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 });

  it("gives every key to one share, always the same, and none to a share without weight", () => {
    fc.assert(
      fc.property(weights, fc.string(), fc.string(), (given, seed, key) => {
        fc.pre(given.some((weight) => weight > 1e-9));
        const shares = given.map((weight, i) => ({ version: String(i), weight }));
        const choose = (): number => new Split({ split: shares, seed }, "m").choose(key, Math.random).weight;
        expect(choose()).toBeGreaterThan(0);
        expect(choose()).toBe(choose());
      }),
    );
  });

  it("keeps everybody in the canary while it grows", () => {
    const inCanary = (weight: number, key: string): boolean =>
      new Split(
        {
          split: [
            { label: "stable", weight: 100 - weight },
            { label: "canary", weight },
          ],
        },
        "m",
      ).choose(key, Math.random).label === "canary";
    const keys = Array.from({ length: 500 }, (_, i) => `user-${i}`);
    let before: readonly string[] = [];
    for (const weight of [1, 5, 10, 50, 99, 100]) {
      const now = keys.filter((key) => inCanary(weight, key));
      expect(now).toEqual(expect.arrayContaining([...before]));
      before = now;
    }
    expect(before).toEqual(keys);
  });

  it("divides requests without a key by the generator that it is given", () => {
    const split = new Split(
      {
        split: [
          { version: "1", weight: 3 },
          { version: "2", weight: 1 },
        ],
      },
      "m",
    );
    expect([0, 0.74, 0.75, 0.999].map((n) => split.choose(undefined, () => n).version)).toEqual(["1", "1", "2", "2"]);
  });
});
