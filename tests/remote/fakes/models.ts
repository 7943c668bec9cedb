// The models of the contract suite as arithmetic over plain values: the fakes have codecs of their own, and share none with what they test.

export type Value = number | bigint | boolean | string;

/** A tensor as the fakes know it: its elements in row-major order, float16 by its bits. */
export interface Plain {
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly values: readonly Value[];
}

/** What the fakes serve. */
export interface FakeModel {
  readonly inputs: Readonly<Record<string, readonly [datatype: string, shape: readonly number[]]>>;
  readonly outputs: Readonly<Record<string, readonly [datatype: string, shape: readonly number[]]>>;
  /** @throws Error for what the model fails at when it runs */
  run(inputs: Readonly<Record<string, Plain>>): Record<string, Plain>;
}

const passed = { int64: "INT64", bool: "BOOL", string: "BYTES", float16: "FP16" } as const;

export const fakeModels: Readonly<Record<string, FakeModel>> = {
  linear: {
    inputs: { x: ["FP32", [-1, 1]] },
    outputs: { y: ["FP32", [-1, 1]] },
    run: ({ x }) => ({ y: { ...(x as Plain), values: (x as Plain).values.map((value) => 2 * Number(value) + 1) } }),
  },
  identity: {
    inputs: Object.fromEntries(Object.entries(passed).map(([name, datatype]) => [name, [datatype, [-1]]])),
    outputs: Object.fromEntries(Object.entries(passed).map(([name, datatype]) => [`${name}_out`, [datatype, [-1]]])),
    run: (inputs) => Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [`${name}_out`, tensor])),
  },
  gather: {
    inputs: { data: ["INT64", [-1]] },
    outputs: { row: ["FP32", [-1]] },
    run: ({ data }) => {
      const value = [10, 20, 30, 40][Number(data?.values[0])];
      if (value === undefined) throw new Error("indices element out of data bounds, idx=9 must be within the inclusive range [-4,3]");
      return { row: { datatype: "FP32", shape: [1], values: [value] } };
    },
  },
  /** NaN, both infinities and what JSON numbers lose. */
  odd: {
    inputs: { x: ["FP32", [-1]], n: ["INT64", [-1]] },
    outputs: { f: ["FP32", [-1]], n: ["INT64", [-1]] },
    run: ({ x, n }) => ({ f: x as Plain, n: n as Plain }),
  },
};
