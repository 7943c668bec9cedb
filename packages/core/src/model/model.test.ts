import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { tensor } from "../tensor/index.ts";
import type { Definition, TensorOf } from "../types/index.ts";
import { defineModel, numbers } from "./index.ts";
import { validateInput, validateOutput } from "./validate.ts";

interface Refusal {
  readonly code: string;
  readonly issues: readonly object[];
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

function refusal(make: () => unknown): Refusal {
  try {
    make();
  } catch (error) {
    return error as Refusal;
  }
  throw new Error("it did not throw");
}

const validate = (schema: StandardSchemaV1, value: unknown): unknown => validateInput(schema, value);

describe("numbers", () => {
  it("gives the dtype's own class, from lists, nested lists and other typed arrays", () => {
    expect(validate(numbers({ length: 3 }), [1, 2, 3])).toEqual(new Float32Array([1, 2, 3]));
    expect(
      validate(numbers({ shape: [2, 2], dtype: "uint8" }), [
        [1, 2],
        [3, 255],
      ]),
    ).toEqual(new Uint8Array([1, 2, 3, 255]));
    expect(validate(numbers({ shape: ["n", 2], dtype: "int64" }), [[1, 2n]])).toEqual(new BigInt64Array([1n, 2n]));
    expect(validate(numbers({ shape: ["n", 2] }), [1, 2, 3, 4])).toHaveLength(4);
    expect(validate(numbers(), new Float64Array([0.5]))).toEqual(new Float32Array([0.5]));
    expect(validate(numbers({ dtype: "float16" }), [1])).toEqual(new Uint16Array([0x3c00]));
    expect(validate(numbers({ dtype: "bool" }), [true, 0])).toEqual(new Uint8Array([1, 0]));
  });

  it("refuses with the code that says why", () => {
    expect(refusal(() => validate(numbers({ length: 3 }), [1, 2]))).toMatchObject({
      code: "INPUT_SHAPE",
      issues: [{ expected: "float32 [3]", received: "2 elements" }],
    });
    expect(refusal(() => validate(numbers({ shape: [2, 2] }), [[1, 2, 3, 4]])).code).toBe("INPUT_SHAPE");
    expect(refusal(() => validate(numbers({ shape: ["n", 2] }), [1, 2, 3])).code).toBe("INPUT_SHAPE");
    expect(refusal(() => validate(numbers(), "1,2")).code).toBe("INPUT_DTYPE");
    expect(refusal(() => validate(numbers(), [null])).code).toBe("INPUT_DTYPE");
    expect(refusal(() => validate(numbers(), new DataView(new ArrayBuffer(4)))).code).toBe("INPUT_DTYPE");
    expect(refusal(() => validate(numbers(), [Number.POSITIVE_INFINITY])).code).toBe("INPUT_VALUE");
    expect(refusal(() => validate(numbers({ dtype: "uint8" }), [256])).code).toBe("INPUT_VALUE");
    expect(refusal(() => validate(numbers({ min: 0, max: 1 }), [0, 2]))).toMatchObject({
      code: "INPUT_VALUE",
      issues: [{ path: "[1]", expected: "between 0 and 1" }],
    });
    expect(validate(numbers({ allowNonFinite: true }), [Number.NaN])).toEqual(new Float32Array([Number.NaN]));
    expect(validate(numbers({ allowNonFinite: true, min: 0 }), [Number.NaN])).toEqual(new Float32Array([Number.NaN]));
  });

  it("judges float16 by its values, not by its bits", () => {
    const half = numbers({ dtype: "float16", min: 0, max: 1 });
    expect(validate(half, [0.5])).toEqual(new Uint16Array([0x3800]));
    expect(validate(half, new Uint16Array([0x3800]))).toEqual(new Uint16Array([0x3800]));
    expect(refusal(() => validate(half, [2]))).toMatchObject({ issues: [{ path: "[0]", received: "out of range" }] });
    expect(refusal(() => validate(half, [-1]))).toMatchObject({ issues: [{ received: "out of range" }] });
    // 1e6 is past what float16 holds.
    for (const value of [Number.NaN, 1e6, "-Infinity"])
      expect(refusal(() => validate(numbers({ dtype: "float16" }), [0, value]))).toMatchObject({
        code: "INPUT_VALUE",
        issues: [{ path: "[1]", expected: "a finite number" }],
      });
    expect(validate(numbers({ dtype: "float16", allowNonFinite: true }), [1e6])).toEqual(new Uint16Array([0x7c00]));
  });

  it("refuses another size before it looks at elements", () => {
    const list = new Array(3).fill("no number");
    for (const schema of [numbers({ length: 2 }), numbers({ shape: [2] }), numbers({ shape: [2, 2] })])
      expect(refusal(() => validate(schema, list)).code).toBe("INPUT_SHAPE");
    expect(refusal(() => validate(numbers({ length: 8 }), [[[0, 0], 0], 0])).code).toBe("INPUT_SHAPE");
  });

  it("describes itself as JSON Schema", () => {
    const items = { type: "number", minimum: 0, maximum: 1 };
    expect(numbers({ shape: ["n", 2], min: 0, max: 1 })["~standard"].jsonSchema.input()).toEqual({
      anyOf: [
        { type: "array", items: { type: "array", items, minItems: 2, maxItems: 2 } },
        { type: "array", items },
      ],
    });
    expect(numbers({ shape: [2, 3] })["~standard"].jsonSchema.output()).toMatchObject({
      anyOf: [{ minItems: 2 }, { minItems: 6, maxItems: 6 }],
    });
    expect(numbers({ length: 2, dtype: "int64" })["~standard"].jsonSchema.output()).toMatchObject({
      items: { type: ["integer", "string"] },
      minItems: 2,
    });
    expect(numbers({ allowNonFinite: true })["~standard"].jsonSchema.input()).toEqual({
      type: "array",
      items: { type: ["number", "string"] },
    });
  });
});

describe("validateInput", () => {
  it("reports every issue, with paths and classes but never values", () => {
    const schema = z.strictObject({ a: z.number(), b: z.object({ c: z.array(z.string()) }) });
    const error = refusal(() => validate(schema, { a: "secret", b: { c: ["ok", 5] }, d: 1 }));
    expect(error).toMatchObject({
      code: "INPUT_DTYPE",
      issues: [
        { path: "a", expected: "number", received: "string" },
        { path: "b.c[1]", expected: "string", received: "an integer" },
        { path: "", received: "unknown keys" },
      ],
    });
    expect(error.message).not.toContain("secret");
  });

  it("lists a hundred issues and counts the rest", () => {
    const schema = z.object({ list: z.array(z.number()), rest: z.record(z.string(), z.number()) });
    const long = "long".repeat(1e5);
    const rest = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${long}${i}`, "no"]));
    const { issues, message, details } = refusal(() => validate(schema, { list: new Array(200_000).fill({}), rest }));
    expect([issues.length, details["issueCount"]]).toEqual([100, 200_100]);
    expect(message).toMatch(/^input "list\[0\]": .*; … and 200090 more$/);
    const text = JSON.stringify(refusal(() => validate(schema, { list: [], rest })));
    expect(text.length).toBeLessThan(60_000);
    const unknown = refusal(() => validate(z.strictObject({}), rest));
    expect(JSON.stringify(unknown).length).toBeLessThan(1000);
    expect(refusal(() => validateOutput(schema, { list: new Array(5000).fill(null), rest: {} })).details["issueCount"]).toBe(5000);
  });

  it("takes no code from a schema that is none of an input", () => {
    for (const code of ["INPUT_NEW", "MODEL_FETCH", "constructor", 7, {}]) {
      const schema = z.number().refine(() => false, { params: { code } });
      expect(refusal(() => validate(schema, 1)).code).toBe("INPUT_VALUE");
    }
    const { code, issues } = refusal(() => validate({ "~standard": { version: 1, vendor: "x", validate: () => ({ issues: [] }) } }, 1));
    expect([code, issues.length]).toEqual(["INPUT_VALUE", 1]);
  });

  it("takes asynchronous schemas", async () => {
    const schema = z.string().refine(async (value) => value !== "no");
    await expect(validate(schema, "yes")).resolves.toBe("yes");
    await expect(validate(schema, "no")).rejects.toMatchObject({ code: "INPUT_VALUE" });
  });
});

describe("validateOutput", () => {
  it("refuses with OUTPUT_INVALID", () => {
    expect(refusal(() => validateOutput(z.object({ y: z.number() }), { y: Number.NaN })).code).toBe("OUTPUT_INVALID");
  });
});

describe("defineModel", () => {
  const parts = {
    name: "m",
    input: z.object({ x: z.string().transform(Number) }),
    output: z.object({ y: z.number().transform(String) }),
    example: { x: "1" },
  };

  it("infers the caller's types from the schemas, and the functions' from what comes out of them", () => {
    const definition = defineModel({
      ...parts,
      encode: (item) => {
        expectTypeOf(item).toEqualTypeOf<{ x: number }>();
        return { x: tensor("float32", [item.x], [1]) };
      },
      decode: (rows: { readonly y: TensorOf<"float32"> }) => ({ y: rows.y.data[0] ?? 0 }),
    });
    expectTypeOf(definition).toEqualTypeOf<Definition<{ x: string }, { y: string }>>();
    expect(definition.version).toBe("1");
    // @ts-expect-error the example must be a valid input
    defineModel({ ...parts, example: { x: 1 }, encode: () => ({}), decode: () => ({ y: 1 }) });
    // @ts-expect-error decode must give the output schema's input
    defineModel({ ...parts, encode: () => ({}), decode: () => ({ y: "1" }) });
  });

  it("names the part that is wrong", () => {
    const functions = { encode: () => ({}), decode: () => ({ y: 1 }) };
    for (const name of ["a/b", "", ".", "..", 7, "a b", "ä\n"] as never[]) {
      expect(refusal(() => defineModel({ ...parts, ...functions, name })).message).toContain('option "name"');
      expect(refusal(() => defineModel({ ...parts, ...functions, version: name })).message).toContain('option "version"');
    }
    for (const name of ["mnist-8", "a.b", "..."])
      expect(defineModel({ ...parts, ...functions, name, version: name })).toMatchObject({ name });
    expect(refusal(() => defineModel({ ...parts, ...functions, input: {} as never, example: undefined as never })).message).toContain(
      'option "input": expected a Standard Schema',
    );
    expect(refusal(() => defineModel({ ...parts, ...functions, encode: undefined as never })).message).toContain('option "encode"');
  });
});
