import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkParsed, maxJsonDepth, parseJson } from "./parse-json.ts";

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

describe("parseJson", () => {
  it("gives what JSON.parse gives, for any JSON", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom("", "\ufeff"), (text, mark) => {
        // Those keys have a test of their own.
        fc.pre(!text.includes("__proto__"));
        expect(parseJson(mark + text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("takes nesting up to its limit, however it is written", () => {
    expect(() => parseJson(nested(maxJsonDepth))).not.toThrow();
    expect(() => parseJson(`${'{"a":'.repeat(maxJsonDepth)}1${"}".repeat(maxJsonDepth)}`)).not.toThrow();
    const deep = expect.objectContaining({ code: "INPUT_TOO_LARGE", details: expect.objectContaining({ limit: maxJsonDepth }) });
    expect(() => parseJson(nested(maxJsonDepth + 1))).toThrow(deep);
    expect(() => parseJson(`${'[{"a":'.repeat(33)}1`)).toThrow(deep);
    expect(() => parseJson(`[${"[],".repeat(1000)}${nested(maxJsonDepth)}]`)).toThrow(deep);
    expect(() => parseJson(nested(1_000_000))).toThrow(deep);
  });

  it("counts brackets that nest, not those that stand side by side or in strings", () => {
    expect(parseJson(`[${"[1],".repeat(999)}[1]]`)).toHaveLength(1000);
    for (const inside of ['"[[[[', '\\"[[', "\\\\"]) {
      const text = JSON.stringify(Array(50).fill(`${inside}{{[[`));
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }
    const broken = expect.objectContaining({ code: "BODY_INVALID" });
    expect(() => parseJson(`["${"[".repeat(500)}`)).toThrow(broken);
    expect(() => parseJson(`["${"[".repeat(500)}\\`)).toThrow(broken);
  });

  it("drops __proto__, however it is spelt, at any depth", () => {
    const escaped = [..."__proto__"].map((_, at, all) =>
      all.map((c, i) => (i === at ? `\\u00${c.charCodeAt(0).toString(16)}` : c)).join(""),
    );
    for (const key of ["__proto__", "\\u005F\\u005Fproto\\u005f_", ...escaped]) {
      const value = parseJson(`{"a":[{"${key}":{"bad":1},"b":2}]}`) as { a: [{ b: number; bad?: number }] };
      expect(Object.keys(value.a[0])).toEqual(["b"]);
      expect(value.a[0].bad).toBeUndefined();
    }
  });

  it("says what is wrong without quoting it", () => {
    const messageOf = (text: string): string => {
      try {
        parseJson(text);
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(messageOf("  \n")).toBe("body: expected JSON, got nothing");
    expect(messageOf("secret")).toBe("body: expected JSON, got text that is cut off or malformed");
    expect(messageOf('{"a":1')).toBe("body: expected JSON, got text that is cut off or malformed");
  });
});

describe("checkParsed", () => {
  it("holds a parsed value to the same rules", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        expect(checkParsed(JSON.parse(text))).toEqual(parseJson(text));
      }),
    );
    const value = checkParsed(JSON.parse('[1,{"a":{"__proto__":{"bad":1},"b":[]}}]')) as [number, { a: object }];
    expect(Object.keys(value[1].a)).toEqual(["b"]);
    expect(() => checkParsed(JSON.parse(nested(maxJsonDepth)))).not.toThrow();
    expect(() => checkParsed(JSON.parse(nested(maxJsonDepth + 1)))).toThrow(expect.objectContaining({ code: "INPUT_TOO_LARGE" }));
    expect(() => checkParsed(JSON.parse(nested(5000)))).toThrow(expect.objectContaining({ code: "INPUT_TOO_LARGE" }));
  });
});
