import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPredictor } from "../index.ts";
import { dtypeInfo } from "../tensor/index.ts";
import { fakeBackend } from "../testing/index.ts";
import type { AnyPredictor, DType, TensorSpec, Tensors } from "../types/index.ts";
import { type FetchHandler, toFetchHandler } from "./fetch-handler.ts";
import { datatypeOf } from "./wire/oip/index.ts";

// Whatever a client sends to the wire protocols, what comes back is never a 5xx but for a time limit of their own, and says what is wrong.

const spec = (dtype: DType, shape: TensorSpec["shape"], name = "x"): TensorSpec => ({ name, dtype, shape });
const shapes: readonly (readonly [name: string, inputs: readonly TensorSpec[]])[] = [
  ["floats", [spec("float32", ["batch", 2])]],
  ["longs", [spec("int64", ["batch"])]],
  ["halves", [spec("float16", ["a", "b"])]],
  ["words", [spec("string", ["batch", 1])]],
  ["flags", [spec("bool", ["batch"])]],
  ["pair", [spec("float64", ["batch", 2]), spec("uint8", ["batch"], "y")]],
  ["any", [{ ...spec("int8", []), unranked: true }]],
];

const runs = { numRuns: 400 };
/** How often each answer came. */
const seen = new Map<string, number>();
let handler: FetchHandler;
let models: AnyPredictor[];

beforeAll(async () => {
  models = await Promise.all(
    shapes.map(([name, inputs]) => {
      const outputs = inputs.map((input) => ({ ...input, name: `${input.name}_out` }));
      const compute = (feeds: Tensors): Tensors => Object.fromEntries(Object.entries(feeds).map(([key, tensor]) => [`${key}_out`, tensor]));
      return createPredictor({ name, source: "m", backend: fakeBackend({ signature: { inputs, outputs }, compute }) });
    }),
  );
  handler = toFetchHandler({ models, control: true, limits: { jsonBytes: 2 ** 16, binaryBytes: 2 ** 16 } });
});
afterAll(() => Promise.all(models.map((model) => model.close())));

const which = fc.constantFrom(...shapes.map(([name]) => name), "floats", "pair", "nobody");

type Json = Record<string, unknown> | unknown[];

/** What takes the place of a part of a good request. */
const strange = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    "NaN",
    "-Infinity",
    "9007199254740993",
    "",
    -1,
    1.5,
    2 ** 40,
    300,
    "BF16",
    "y",
    "y",
    "y_out",
    [],
    {},
    [[]],
    true,
  ),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.double(),
  fc.jsonValue(),
);
/** Changes of a request: where, by a walk down its tree, and to what. */
const changes = fc.array(fc.tuple(fc.array(fc.nat(7), { minLength: 1, maxLength: 6 }), strange), { maxLength: 3 });

function bend(value: Json, steps: readonly number[], to: unknown): void {
  const keys = Object.keys(value);
  const key = keys[(steps[0] as number) % Math.max(1, keys.length)] as keyof Json | undefined;
  if (key === undefined) return;
  const inner = value[key] as unknown;
  if (steps.length > 1 && typeof inner === "object" && inner !== null) bend(inner as Json, steps.slice(1), to);
  else (value[key] as unknown) = structuredClone(to);
}

const element: Partial<Record<DType, unknown>> = { string: "a", bool: true };
const elementOf = (dtype: DType): unknown => element[dtype] ?? 7;
const dimsOf = ({ shape }: TensorSpec, rows: number): number[] => shape.map((dim) => (typeof dim === "number" ? dim : rows));
const nest = (dims: readonly number[], leaf: unknown): unknown =>
  dims.length === 0 ? leaf : Array.from({ length: dims[0] as number }, () => nest(dims.slice(1), leaf));
const inputsOf = (model: string): readonly TensorSpec[] => shapes.find(([name]) => name === model)?.[1] ?? [spec("float32", [1])];

/** A good infer request, its inputs in JSON or in bytes. */
function inferOf(model: string, rows: number, binary: boolean): { json: Json; bytes: Uint8Array } {
  let bytes = new Uint8Array();
  const inputs = inputsOf(model).map((input) => {
    const shape = dimsOf(input, rows);
    const head = { name: input.name, datatype: datatypeOf(input.dtype), shape };
    if (!binary) return { ...head, data: nest(shape, elementOf(input.dtype)) };
    const size = shape.reduce((product, dim) => product * dim, input.dtype === "string" ? 4 : dtypeInfo(input.dtype).bytes);
    bytes = new Uint8Array(bytes.length + size);
    return { ...head, parameters: { binary_data_size: size } };
  });
  const outputs = inputsOf(model).map(({ name }) => ({ name: `${name}_out`, parameters: { binary_data: binary } }));
  return { json: { id: "1", parameters: { priority: 1, timeout: 0, binary_data_output: false }, inputs, outputs }, bytes };
}

/** A good predict request, in rows or columns. */
function predictOf(model: string, rows: number, columns: boolean): Json {
  const inputs = inputsOf(model);
  const values = (count: number[]): unknown =>
    inputs.length === 1 && count.length > 0
      ? nest(dimsOf(inputs[0] as TensorSpec, rows).slice(1 - count.length), elementOf((inputs[0] as TensorSpec).dtype))
      : Object.fromEntries(inputs.map((input) => [input.name, nest(dimsOf(input, rows).slice(1 - count.length), elementOf(input.dtype))]));
  return columns ? { inputs: values([1]) } : { signature_name: "", instances: Array.from({ length: rows }, () => values([])) };
}

/** What a client sends: a good request, bent in a few places. */
const sent = (good: (model: string, rows: number, flag: boolean) => Json): fc.Arbitrary<readonly [string, Json]> =>
  fc.tuple(which, fc.nat(3), fc.boolean(), changes).map(([model, rows, flag, list]) => {
    const json = structuredClone(good(model, rows, flag));
    for (const [steps, to] of list) bend(json, steps, to);
    return [model, json] as const;
  });

/** JSON with bigints as digits, and perhaps a bit of it bent. */
function spell(value: unknown, cut: number, noise: string): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? `#${inner}#` : inner)).replace(
    /"#(-?\d+)#"/g,
    "$1",
  );
  return cut === 0 ? text : text.slice(0, Math.floor(text.length / cut)) + noise + text.slice(Math.floor(text.length / cut));
}

/** One JSON text as it is, or with a piece of it broken. */
const spelt = (json: fc.Arbitrary<readonly [string, Json]>): fc.Arbitrary<readonly [model: string, text: string]> =>
  fc
    .tuple(json, fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 7), fc.constantFrom("", "NaN", "}", '"', "\\", "\0", "[", "1e999"))
    .map(([[model, value], cut, noise]) => [model, spell(value, cut, noise)]);

async function ask(path: string, body: BodyInit | null, headers: Record<string, string>, method = "POST"): Promise<void> {
  const reply = await handler(new Request(`http://h${path}`, { method, headers, body: method === "GET" ? null : body }));
  const text = await reply.text();
  expect(reply.status, `${path} ${text.slice(0, 300)}`).toSatisfy((status: number) => status < 500 || status === 504);
  const count = (code: string): unknown => seen.set(code, (seen.get(code) ?? 0) + 1);
  if (reply.status < 400) {
    count("answered");
    return;
  }
  const told = JSON.parse(text) as Record<string, unknown>;
  expect(typeof told["error"]).toBe("string");
  expect(typeof told["code"]).toBe("string");
  count(told["code"] as string);
}

it("OIP in JSON", async () => {
  const json = spelt(sent((model, rows) => inferOf(model, rows, false).json));
  await fc.assert(
    fc.asyncProperty(json, ([model, body]) => ask(`/v2/models/${model}/infer`, body, {})),
    runs,
  );
});

it("OIP with binary tensors, and any header length", async () => {
  const json = spelt(sent((model, rows) => inferOf(model, rows, true).json));
  const lengths = fc.oneof(
    { weight: 4, arbitrary: fc.constant("exact") },
    fc.integer({ min: -5, max: 400 }).map(String),
    fc.constantFrom("0", "x", "1e3", " 7 ", "9".repeat(20)),
  );
  await fc.assert(
    fc.asyncProperty(json, fc.nat(3), fc.integer({ min: -1, max: 1 }), lengths, ([model, text], rows, more, length) => {
      const head = new TextEncoder().encode(text);
      const { bytes } = inferOf(model, rows, true);
      const body = new Uint8Array(Math.max(0, head.length + bytes.length + more));
      body.set(head.subarray(0, body.length));
      return ask(`/v2/models/${model}/infer`, body, {
        "inference-header-content-length": length === "exact" ? String(head.length) : length,
      });
    }),
    runs,
  );
});

it("TensorFlow Serving's :predict", async () => {
  await fc.assert(
    fc.asyncProperty(spelt(sent(predictOf)), ([model, body]) => ask(`/v1/models/${model}:predict`, body, {})),
    runs,
  );
});

it("headers and encodings", async () => {
  const header = fc.constantFrom(
    "content-encoding",
    "content-type",
    "x-predikt-timeout-ms",
    "x-predikt-priority",
    "x-predikt-routing-key",
    "x-request-id",
    "inference-header-content-length",
  );
  const value = fc.oneof(
    fc.constantFrom("gzip", "deflate", "br", "application/json", "text/plain", "0", "-1", "high", ""),
    fc.stringMatching(/^[!-~]{0,20}$/),
  );
  const json = spelt(sent((model, rows) => inferOf(model, rows, false).json));
  await fc.assert(
    fc.asyncProperty(json, fc.array(fc.tuple(header, value)), fc.boolean(), ([model, body], pairs, infer) =>
      ask(infer ? `/v2/models/${model}/infer` : `/v1/models/${model}:predict`, body, Object.fromEntries(pairs)),
    ),
    runs,
  );
});

it("reached the models, and every way to be refused", () => {
  for (const code of ["answered", "BODY_INVALID", "INPUT_MISSING", "INPUT_UNKNOWN", "INPUT_DTYPE", "INPUT_SHAPE", "INPUT_VALUE"])
    expect(seen.get(code) ?? 0, code).toBeGreaterThan(0);
});

it("paths", async () => {
  const part = fc.oneof(
    fc.constantFrom(
      "v1",
      "v2",
      "models",
      "m",
      "floats",
      "versions",
      "1",
      "labels",
      "stable",
      "infer",
      "ready",
      "stats",
      "floats:predict",
      "metadata",
      "repository",
      "index",
      "load",
      "health",
      "live",
      "%2e",
      "%ff",
      "",
    ),
    fc.webSegment(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 7 }), fc.constantFrom("GET", "POST", "PUT", "OPTIONS"), (parts, method) =>
      ask(`/${parts.join("/")}`, "{}", {}, method),
    ),
    runs,
  );
});
