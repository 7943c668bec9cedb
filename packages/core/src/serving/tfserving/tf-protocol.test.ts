import { describe, expect, it } from "vitest";
import { createPredictor } from "../../predictor/create-predictor.ts";
import { fakeBackend } from "../../testing/index.ts";
import type { AnyPredictor, ModelResolver, TensorSpec, Tensors } from "../../types/index.ts";
import { toFetchHandler } from "../fetch-handler.ts";
import type { HandlerOptions } from "../options.ts";

const model = (
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
  compute: (feeds: Tensors) => Tensors,
): Promise<AnyPredictor> => createPredictor({ name: "m", source: "m", backend: fakeBackend({ signature: { inputs, outputs }, compute }) });

async function predict(
  predictor: AnyPredictor,
  body: string,
  options: Partial<HandlerOptions> = {},
): Promise<{ status: number; text: string }> {
  const handler = toFetchHandler({ models: [predictor], ...options });
  const reply = await handler(new Request("http://h/v1/models/m:predict", { method: "POST", body }));
  return { status: reply.status, text: await reply.text() };
}

const spec = (dtype: TensorSpec["dtype"], shape: TensorSpec["shape"], name = "x"): TensorSpec => ({ name, dtype, shape });

describe(":predict", () => {
  it("keeps every digit of 64-bit integers, in and out", async () => {
    const longs = await model([spec("int64", ["n", 2])], [spec("int64", ["n", 2], "y")], ({ x }) => ({ y: x as Tensors[string] }));
    const { text } = await predict(longs, '{"instances":[[9007199254740993,"-9223372036854775808"]]}');
    expect(text).toBe('{"predictions":[[9007199254740993,-9223372036854775808]]}');
    expect((await predict(longs, '{"inputs":[[9223372036854775808,0]]}')).text).toContain("inputs[0][0]: out of INT64's range");
  });

  it("nests outputs as their shape, booleans and halves among them", async () => {
    const outputs = [spec("bool", ["n", 2, 1], "flags"), spec("float16", ["n"], "half")];
    const two = await model([spec("float32", ["n"])], outputs, () => ({
      flags: { type: "bool", data: Uint8Array.of(1, 0, 0, 1), dims: [2, 2, 1] },
      half: { type: "float16", data: Uint16Array.of(0x3e00, 0x7c00), dims: [2] },
    }));
    const rows = '{"predictions":[{"flags":[[true],[false]],"half":1.5},{"flags":[[false],[true]],"half":Infinity}]}';
    expect((await predict(two, '{"instances":[1,2]}', { nonFiniteJson: "token" })).text).toBe(rows);
    const columns = '{"outputs":{"flags":[[[true],[false]],[[false],[true]]],"half":[1.5,null]}}';
    expect((await predict(two, '{"inputs":[1,2]}', { nonFiniteJson: "null" })).text).toBe(columns);
  });

  it("writes text as it is, and in base64 where its name ends in _bytes", async () => {
    const words = await model([spec("string", ["n"])], [spec("string", ["n"], "a"), spec("string", ["n"], "b_bytes")], ({ x }) => ({
      a: x as Tensors[string],
      b_bytes: x as Tensors[string],
    }));
    expect((await predict(words, '{"instances":[{"b64":"Yg=="},"é"]}')).text).toBe(
      '{"predictions":[{"a":"b","b_bytes":{"b64":"Yg=="}},{"a":"é","b_bytes":{"b64":"w6k="}}]}',
    );
  });

  it("takes only text for base64", async () => {
    const words = await model([spec("string", ["n"])], [spec("string", ["n"], "y")], ({ x }) => ({ y: x as Tensors[string] }));
    for (const bad of ["1234", "null", '"*"', '"/w=="']) expect((await predict(words, `{"instances":[{"b64":${bad}}]}`)).status).toBe(400);
  });

  it("has rows only where outputs have them", async () => {
    const lone = await model([spec("float32", ["n"])], [spec("float32", [], "y")], () => ({
      y: { type: "float32", data: Float32Array.of(3), dims: [] },
    }));
    expect(await predict(lone, '{"instances":[1,2]}')).toMatchObject({
      status: 400,
      text: expect.stringContaining('send \\"inputs\\" instead'),
    });
    expect((await predict(lone, '{"inputs":[1,2]}')).text).toBe('{"outputs":3}');
  });

  it("says where a column fails, though it fails only beside the others", async () => {
    const pair = await model([spec("float32", ["n", "k"]), spec("int8", ["n"], "z")], [spec("float32", ["n", "k"], "y")], ({ x }) => ({
      y: x as Tensors[string],
    }));
    const fails = async (body: string): Promise<string> => (JSON.parse((await predict(pair, body)).text) as { error: string }).error;
    expect(await fails('{"instances":[{"x":[1],"z":1},{"x":[1,2],"z":1}]}')).toBe("instances.x[1]: expected a list of 1, got a list of 2");
    expect(await fails('{"instances":[{"x":[1],"z":1},{"x":[1],"z":300}]}')).toBe("instances[1].z: out of INT8's range");
    expect(await fails('{"instances":[{"x":[1]}]}')).toBe("instances[0].z: expected int8, got nothing");
    expect(await fails('{"instances":[{"x":[1],"z":1,"w":1}]}')).toContain("instances[0]: expected only");
    expect(await fails('{"inputs":{"x":[[1]]}}')).toBe("inputs.z: expected int8, got nothing");
    expect(await fails('{"instances":[]}')).toContain("a list of at least one instance");
  });
});

it("tells the states that a registry knows, in TensorFlow Serving's words", async () => {
  const states = ["READY", "LOADING", "UNLOADING", "UNAVAILABLE", "UNKNOWN"];
  const resolver = {
    resolve: () => {
      throw new Error("not asked");
    },
    list: () => [],
    index: () =>
      states.map((state, i) => ({ name: "m", version: `${i}`, state, reason: state === "UNAVAILABLE" ? "no such file" : "", labels: [] })),
  } as ModelResolver;
  const reply = await toFetchHandler({ models: resolver })(new Request("http://h/v1/models/m"));
  const { model_version_status: list } = (await reply.json()) as { model_version_status: { state: string; status: object }[] };
  expect(list.map(({ state }) => state)).toEqual(["AVAILABLE", "LOADING", "UNLOADING", "END", "START"]);
  expect(list[3]?.status).toEqual({ error_code: "UNKNOWN", error_message: "no such file" });
});
