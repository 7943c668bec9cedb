import { dequal } from "dequal";

/** The matchers of the contract suite, for a page that has no test framework. */
export function expect(value) {
  const must = (right, what) => {
    if (!right) throw new Error(`expected ${show(value)} ${what}`);
  };
  return {
    toBe: (expected) => must(Object.is(value, expected), `to be ${show(expected)}`),
    toEqual: (expected) => must(dequal(value, expected), `to equal ${show(expected)}`),
    toMatchObject: (expected) =>
      must(
        Object.keys(expected).every((key) => dequal(value[key], expected[key])),
        `to match ${show(expected)}`,
      ),
    toBeCloseTo: (expected, digits = 2) => must(Math.abs(value - expected) < 10 ** -digits / 2, `to be close to ${show(expected)}`),
  };
}

function show(value) {
  try {
    return JSON.stringify(value, (_key, inner) =>
      typeof inner === "bigint" ? `${inner}n` : ArrayBuffer.isView(inner) ? [...inner].map(String) : inner,
    );
  } catch {
    return String(value);
  }
}
