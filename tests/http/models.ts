import {
  createPredictor,
  type Definition,
  type DType,
  defineModel,
  InputError,
  type NumbersInput,
  numbers,
  type Signature,
  type Tensor,
  type TensorOf,
  type Tensors,
  tensor,
} from "@predikt/core";
import { httpPredictor } from "@predikt/core/client";
import type { AnyPredictor, ReplyEvent } from "@predikt/core/serving";
import { type FakeBackend, fakeBackend } from "@predikt/core/testing";
import type { ListenerOptions } from "@predikt/node/http";
import { z } from "zod";

/** y = 2x: one float in, one float out. */
export const double: Definition<{ x: number }, { y: number }> = defineModel({
  name: "double",
  version: "3",
  input: z.strictObject({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { x: 3 },
});

/** A 2×2 picture of floats, doubled; its output is a typed array. */
export const pixels: Definition<{ pixels: NumbersInput }, { pixels: Float32Array; sum: number }> = defineModel({
  name: "pixels",
  input: z.object({ pixels: numbers({ shape: [2, 2] }) }),
  output: z.object({ pixels: numbers({ length: 4 }), sum: z.number() }),
  encode: ({ pixels: data }) => ({ x: tensor("float32", data, [1, 2, 2]) }),
  decode: ({ y }) => {
    const data = y?.data as Float32Array;
    return { pixels: data, sum: data.reduce((a, b) => a + b, 0) };
  },
  example: { pixels: new Float32Array([1, 2, 3, 4]) },
});

/** Three bytes. */
export const bytes: Definition<{ bytes: NumbersInput }, { bytes: Uint8Array }> = defineModel({
  name: "bytes",
  input: z.object({ bytes: numbers({ length: 3, dtype: "uint8" }) }),
  output: z.object({ bytes: numbers({ length: 3, dtype: "uint8" }) }),
  encode: ({ bytes: data }) => ({ x: tensor("uint8", data, [1, 3]) }),
  decode: ({ y }) => ({ bytes: y?.data as Uint8Array }),
  example: { bytes: [1, 2, 3] },
});

const modes = ["ok", "encode", "encode-type-error", "encode-shape", "decode", "output", "run", "cycle", "unwritable"] as const;

/** Fails on request, each way a definition or a runtime can. */
export const moody: Definition<{ mode: (typeof modes)[number] }, { mode: unknown }> = defineModel({
  name: "moody",
  input: z.object({ mode: z.enum(modes) }),
  output: z.object({ mode: z.custom<unknown>((value) => value !== "output") }),
  encode: async ({ mode }) => {
    if (mode === "encode") throw new Error("the secret of encode");
    if (mode === "encode-type-error") throw new TypeError("the secret type of encode");
    // Its own refusal, with details that JSON cannot carry.
    if (mode === "unwritable") throw new InputError("INPUT_VALUE", "not today", { details: { raisedBy: "definition", at: 1n } });
    return { x: tensor("float32", [modes.indexOf(mode)], mode === "encode-shape" ? [1] : [1, 1]) };
  },
  decode: async ({ y }) => {
    const mode = modes[Number(y?.data[0]) / 2];
    if (mode === "decode") throw new Error("the secret of decode");
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    return { mode: mode === "cycle" ? cycle : mode };
  },
  example: { mode: "ok" },
  jsonSchema: {
    input: { type: "object", properties: { mode: { enum: modes } }, required: ["mode"] },
    output: { type: "object", properties: { mode: {} } },
  },
});

const shaped = (dtype: DType, shape: readonly (number | string)[]): Signature => ({
  inputs: [{ name: "x", dtype, shape }],
  outputs: [{ name: "y", dtype, shape }],
});

const two: Signature = {
  inputs: [
    { name: "a", dtype: "float32", shape: ["batch", 3] },
    { name: "b", dtype: "int32", shape: ["batch"] },
  ],
  outputs: [
    { name: "y", dtype: "float32", shape: ["batch", 3] },
    { name: "z", dtype: "int64", shape: ["batch"] },
  ],
};

/** Predictors to serve, and what the tests watch and steer. */
export interface Site {
  readonly models: readonly AnyPredictor[];
  /** Behind the model `slow`: runs wait while it holds them. */
  readonly slow: FakeBackend;
  /** Behind the model `double`. */
  readonly fast: FakeBackend;
  readonly replies: ReplyEvent[];
  /** Codes of the errors that `onError` heard. */
  readonly errors: string[];
  readonly options: ListenerOptions;
  close(): Promise<void>;
}

/** Limits that tests can pass without megabytes. */
export const limits: { readonly jsonBytes: number; readonly binaryBytes: number; readonly batchItems: number } = {
  jsonBytes: 64 * 1024,
  binaryBytes: 128 * 1024,
  batchItems: 8,
};

/** Every model of the scenarios, each over its own fake backend. */
export async function createSite(extra: Partial<ListenerOptions> = {}): Promise<Site> {
  const slow = fakeBackend();
  const fast = fakeBackend();
  const models = (await Promise.all([
    createPredictor(double, { backend: fast, source: "m" }),
    createPredictor(double, { backend: fast, source: "m", version: "4" }),
    createPredictor(pixels, { backend: fakeBackend({ signature: shaped("float32", ["batch", 2, 2]) }), source: "m" }),
    createPredictor(bytes, { backend: fakeBackend({ signature: shaped("uint8", ["batch", 3]) }), source: "m" }),
    createPredictor(moody, { backend: fakeBackend({ compute: explode }), source: "m" }),
    createPredictor({ name: "cube", backend: fakeBackend({ signature: shaped("float32", ["batch", 2, 3]) }), source: "m" }),
    createPredictor({ name: "free", backend: fakeBackend({ signature: shaped("float32", ["rows", "columns"]) }), source: "m" }),
    createPredictor({ name: "finite", nonFinite: "refuse", backend: fakeBackend(), source: "m" }),
    createPredictor({ name: "long", backend: fakeBackend({ signature: shaped("int64", ["batch"]), compute: same }), source: "m" }),
    createPredictor({ name: "words", backend: fakeBackend({ signature: shaped("string", ["batch"]), compute: same }), source: "m" }),
    createPredictor({ name: "two", backend: fakeBackend({ signature: two, compute: twoOutputs }), source: "m" }),
    createPredictor(double, { name: "slow", backend: slow, source: "m", queueLimit: 3 }),
    createPredictor(double, { name: "odd", backend: fakeBackend(), source: "m" }).then((predictor) =>
      called(predictor, { version: "😀 1" }),
    ),
    httpPredictor("relay", "http://inside.test/secret", { retries: 0, fetch: unreachable }),
  ])) as readonly AnyPredictor[];
  const replies: ReplyEvent[] = [];
  const errors: string[] = [];
  return {
    models,
    slow,
    fast,
    replies,
    errors,
    options: {
      models,
      default: "double",
      title: "Scenarios",
      limits,
      onReply: (event) => replies.push(event),
      onError: (error) => errors.push(error.code),
      ...extra,
    },
    close: async () => {
      slow.hold(false);
      slow.release();
      await Promise.all(models.map((model) => model.close()));
    },
  };
}

async function unreachable(): Promise<never> {
  throw new TypeError("fetch failed");
}

function same({ x }: Tensors): Tensors {
  return { y: x as Tensors[string] };
}

/** The elements of an input that the signature promises, doubled. */
function doubled(feed: Tensor | undefined): { readonly data: Float32Array; readonly dims: readonly number[] } {
  const { data, dims } = feed as TensorOf<"float32">;
  return { data: data.map((v) => 2 * v), dims };
}

function explode({ x }: Tensors): Tensors {
  const y = doubled(x);
  if (modes[(y.data[0] as number) / 2] === "run") throw new Error("the secret of the runtime");
  return { y: { type: "float32", ...y } };
}

function twoOutputs({ a, b }: Tensors): Tensors {
  const { data, dims } = b as TensorOf<"int32">;
  return {
    y: { type: "float32", ...doubled(a) },
    z: { type: "int64", data: BigInt64Array.from(data, (v) => BigInt(v) * 2n ** 40n), dims },
  };
}

/** A predictor as somebody else may make one: its name and version know no rules. */
export function called<P extends object>(predictor: P, names: { readonly name?: string; readonly version?: string }): P {
  return new Proxy(predictor, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (key === "info") return { ...(value as object), ...names };
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
