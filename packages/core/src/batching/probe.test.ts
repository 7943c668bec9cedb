import { describe, expect, it } from "vitest";
import { createPredictor } from "../predictor/create-predictor.ts";
import { allocate, fromFloat16Bits, tensor, toFloat16Bits } from "../tensor/index.ts";
import { fakeBackend } from "../testing/index.ts";
import type { DType, Tensor, Tensors } from "../types/index.ts";

type Rows = (number | bigint | string)[];

/** A predictor of a model with one column, whose outputs are computed from the whole batch. */
function load(dtype: DType, example: Rows, compute: (rows: Rows) => Rows) {
  const half = dtype === "float16";
  const run = ({ x }: Tensors): Tensors => {
    const { data, dims } = x as Tensor;
    const given = Array.from(data as never[], (v) => (half ? fromFloat16Bits(v) : v)) as Rows;
    const made = compute(given);
    const out = allocate(dtype, made.length) as Rows;
    for (const [i, v] of made.entries()) out[i] = half ? toFloat16Bits(Number(v)) : v;
    return { y: { type: dtype, data: out, dims } as unknown as Tensor };
  };
  const signature = { inputs: [{ name: "x", dtype, shape: ["n", 1] }], outputs: [{ name: "y", dtype, shape: ["n", 1] }] };
  const x = tensor(dtype, example as never, [example.length, 1]);
  return createPredictor({ backend: fakeBackend({ signature, compute: run }), source: "m", batching: "auto", example: { x } });
}

const sum = (rows: Rows): number => rows.reduce<number>((all, v) => all + Number(v), 0);

describe("the batch probe", () => {
  it.each<[DType, Rows]>([
    ["float32", [0]],
    ["float32", [1, -1]],
    ["float64", [0.5]],
    ["float16", [0]],
    ["int32", [0]],
    ["uint8", [0, 0]],
  ])("finds a %s model that adds the batch's sum to each row, from the example %j", async (dtype, example) => {
    const { info } = await load(dtype, example, (rows) => rows.map((v) => (Number(v) + sum(rows)) as never));
    expect(info.batching).toMatchObject({ enabled: false, reason: expect.stringContaining("differs by") });
  });

  it.each<[DType, Rows]>([
    ["int64", [0n]],
    ["bool", [0, 0]],
    ["string", ["a"]],
  ])("finds a %s model that gives every row the last one's answer", async (dtype, example) => {
    const { info } = await load(dtype, example, (rows) => rows.map(() => rows.at(-1) as never));
    expect(info.batching).toMatchObject({ enabled: false, reason: expect.stringContaining("differs by") });
  });

  it.each<[DType, Rows]>([
    ["float32", [3]],
    ["float16", [3]],
    ["int64", [3n]],
    ["uint8", [255]],
    ["bool", [1]],
    ["string", ["a", ""]],
  ])("passes a %s model that looks at each row alone", async (dtype, example) => {
    const { info } = await load(dtype, example, (rows) => rows);
    expect(info.batching.enabled).toBe(true);
  });

  it("looks for a change that the model takes, and does not pass a model that takes none", async () => {
    const small = (rows: Rows): Rows => {
      if (rows.some((v) => Number(v) > 5 || Number(v) < 0)) throw new Error("no such index");
      return rows.map(() => rows.at(-1) as never);
    };
    expect((await load("int32", [5], small)).info.batching.reason).toContain("differs by");
    const only = (rows: Rows): Rows => {
      if (rows.some((v) => v !== "a")) throw new Error("unknown word");
      return rows;
    };
    expect((await load("string", ["a"], only)).info.batching.reason).toContain("only its example");
  });
});
