import { createPredictor } from "../predictor/create-predictor.ts";
import type { Backend, ModelSource, Tensors } from "../types/index.ts";

/** The two functions of a test framework that the suite needs; those of vitest, jest and node:test's wrappers fit. */
export interface TestFramework {
  test(name: string, run: () => Promise<void>): void;
  expect: (value: unknown) => {
    toBe(expected: unknown): void;
    toEqual(expected: unknown): void;
    toMatchObject(expected: object): void;
    toBeCloseTo(expected: number, digits?: number): void;
  };
}

/** Models that the suite runs; each backend is given the same: those of `contractModels()`, as bytes, as files made of them, or as their names on a server. */
export interface ContractModels {
  /** `y = 2x + 1`: x float32 [batch, 1] → y float32 [batch, 1]. */
  readonly linear: ModelSource;
  /** Passes each input through: int64 [n], bool [n], string [n] and float16 [n], outputs named `<input>_out`. */
  readonly identity: ModelSource;
  /** data int64 [1] → row: 20 for 1; fails when it runs for 9. */
  readonly gather: ModelSource;
}

/** What the suite is run over. */
export interface ContractSubject<Options extends object> {
  readonly backend: Backend<Options>;
  readonly options: Options;
  readonly models: ContractModels;
}

/**
 * The contract of a backend, as tests: the same models and the same numbers on each. Give it your framework's `test` and `expect`.
 */
export function backendContract<Options extends object>(framework: TestFramework, subject: ContractSubject<Options>): void {
  const { test, expect } = framework;
  const { backend, options, models } = subject;
  const load = (source: ModelSource) => createPredictor<Options>({ ...options, backend, source } as never);
  const numbersOf = (outputs: Tensors, name: string): number[] => Array.from(outputs[name]?.data as ArrayLike<number>, Number);
  const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => "it resolved",
      (error: unknown) => (error as { code?: unknown }).code ?? error,
    );

  test("opens, tells its signature and runs", async () => {
    const predictor = await load(models.linear);
    expect(predictor.info.signature.inputs.map(({ name, dtype, shape }) => [name, dtype, shape.length])).toEqual([["x", "float32", 2]]);
    expect(numbersOf(await predictor.run({ x: [[3]] }), "y")).toEqual([7]);
    await predictor.close();
  });

  test("runs many rows and none", async () => {
    const predictor = await load(models.linear);
    expect(numbersOf(await predictor.run({ x: [[1], [2], [-3]] }), "y")).toEqual([3, 5, -5]);
    const none = await predictor.run({ x: { type: "float32", data: new Float32Array(0), dims: [0, 1] } });
    expect(none["y"]?.dims).toEqual([0, 1]);
    await predictor.close();
  });

  test("carries every kind of element exactly", async () => {
    const predictor = await load(models.identity);
    const inputs = {
      int64: [9223372036854775807n, -9223372036854775808n],
      bool: [true, false],
      string: ["", "prädikt 数 😀"],
      float16: { type: "float16", data: new Uint16Array([0x3c00, 0xfc00]), dims: [2] },
    } as const;
    const outputs = await predictor.run(inputs);
    expect(outputs["int64_out"]?.data).toEqual(new BigInt64Array([9223372036854775807n, -9223372036854775808n]));
    expect(outputs["bool_out"]).toEqual({ type: "bool", data: new Uint8Array([1, 0]), dims: [2] });
    expect(outputs["string_out"]?.data).toEqual(["", "prädikt 数 😀"]);
    // A runtime may be unable to carry a string's U+0000, but must not drop what follows it.
    const nul = { ...inputs, string: ["a\u0000b", ""] };
    const carried = predictor.run(nul).then((result) => result["string_out"]?.data[0]);
    expect(["a\u0000b", "INPUT_VALUE"].includes((await carried.catch((error: { code: unknown }) => error.code)) as string)).toBe(true);
    expect(outputs["float16_out"]).toEqual({ type: "float16", data: new Uint16Array([0x3c00, 0xfc00]), dims: [2] });
    await predictor.close();
  });

  test("leaves the caller's buffers alone", async () => {
    const predictor = await load(models.linear);
    const data = new Float32Array([5]);
    await predictor.run({ x: { type: "float32", data, dims: [1, 1] } });
    expect(numbersOf(await predictor.run({ x: { type: "float32", data, dims: [1, 1] } }), "y")).toEqual([11]);
    expect(data).toEqual(new Float32Array([5]));
    await predictor.close();
  });

  test("keeps overlapping runs and two sessions apart", async () => {
    const [one, two] = await Promise.all([load(models.linear), load(models.linear)]);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? one : two).run({ x: [[i]] })));
    expect(answers.map((outputs) => numbersOf(outputs, "y")[0])).toEqual(Array.from({ length: 40 }, (_, i) => 2 * i + 1));
    await Promise.all([one.close(), two.close()]);
  });

  test("refuses wrong shapes, dtypes and names before it runs", async () => {
    const predictor = await load(models.linear);
    expect(await codeOf(predictor.run({ x: [[1, 2]] }))).toBe("INPUT_SHAPE");
    expect(await codeOf(predictor.run({ x: { type: "float64", data: new Float64Array(1), dims: [1, 1] } }))).toBe("INPUT_DTYPE");
    expect(await codeOf(predictor.run({}))).toBe("INPUT_MISSING");
    expect(await codeOf(predictor.run({ x: [[1]], z: [[1]] }))).toBe("INPUT_UNKNOWN");
    await predictor.close();
  });

  test("fails a run whose input the model refuses, as the input's fault, and goes on", async () => {
    const predictor = await load(models.gather);
    // A GPU takes the index for a good one, and what it reads has another shape. Another server may not tell whose fault it is.
    const code = await codeOf(predictor.run({ data: [9] }));
    const told = code === "INPUT_VALUE" || code === "INPUT_SHAPE" || (backend.sourceless === true && code === "BACKEND_RUN");
    expect(told).toBe(true);
    expect(numbersOf(await predictor.run({ data: [1] }), "row")).toEqual([20]);
    await predictor.close();
  });

  test("refuses bytes that are no model", async () => {
    const code = backend.sourceless ? "CONFIG_INVALID" : "MODEL_INVALID";
    expect(await codeOf(load(new Uint8Array([1, 2, 3, 4])))).toBe(code);
    expect(await codeOf(load(new Uint8Array(0)))).toBe(code);
  });

  test("rethrows the caller's reason on abort, and answers the next", async () => {
    const predictor = await load(models.linear);
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const aborted = codeOf(predictor.run({ x: [[1]] }, { signal: controller.signal }));
    controller.abort(reason);
    expect(await aborted).toBe(reason);
    expect(numbersOf(await predictor.run({ x: [[2]] }), "y")).toEqual([5]);
    await predictor.close();
  });

  test("batches to the same numbers", async () => {
    const predictor = await createPredictor<Options>({
      ...options,
      backend,
      source: models.linear,
      batching: { maxBatchSize: 8 },
    } as never);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => predictor.run({ x: [[i]] })));
    for (const [i, outputs] of answers.entries()) expect(numbersOf(outputs, "y")[0]).toBeCloseTo(2 * i + 1, 5);
    expect(predictor.stats().runs < 20).toBe(true);
    await predictor.close();
  });

  test("closes once, twice, and with work under way", async () => {
    const predictor = await load(models.linear);
    const running = predictor.run({ x: [[4]] });
    await Promise.all([predictor.close(), predictor.close()]);
    expect(numbersOf(await running, "y")).toEqual([9]);
    expect(await codeOf(predictor.run({ x: [[1]] }))).toBe("CLOSED");
  });
}
