import { expectTypeOf, it } from "vitest";
import { z } from "zod";
import { defineModel, numbers } from "../model/index.ts";
import { tensor } from "../tensor/index.ts";
import type { Prediction, Predictor, RawInputs, Tensors } from "../types/index.ts";
import { httpPredictor } from "./http-predictor.ts";

const digits = defineModel({
  name: "digits",
  input: z.object({ pixels: numbers({ length: 4 }), note: z.string().optional() }),
  output: z.object({ digit: z.number().transform(String), scores: numbers({ length: 10 }) }),
  encode: ({ pixels }) => ({ x: tensor("float32", pixels, [1, 4]) }),
  decode: () => ({ digit: 1, scores: new Float32Array(10) }),
  example: { pixels: [0, 0, 0, 0] },
});

it("takes the input and output of its definition", () => {
  const predictor = httpPredictor(digits, "https://app.example.com/api");
  type Output = { digit: string; scores: Float32Array };
  expectTypeOf(predictor.predict).parameter(0).toHaveProperty("pixels");
  expectTypeOf(predictor.predict({ pixels: [1, 2, 3, 4] })).resolves.toEqualTypeOf<Output>();
  expectTypeOf(predictor.predict({ pixels: new Uint8Array(4), note: "n" })).resolves.toEqualTypeOf<Output>();
  expectTypeOf(predictor.predictMany([{ pixels: [1] }])).resolves.toEqualTypeOf<PromiseSettledResult<Output>[]>();
  expectTypeOf(predictor.predictDetailed({ pixels: [1] })).resolves.toEqualTypeOf<Prediction<Output>>();
  expectTypeOf(predictor.run({ x: [1] })).resolves.toEqualTypeOf<Tensors>();
  // @ts-expect-error pixels are required
  void predictor.predict({});
  // @ts-expect-error pixels are numbers
  void predictor.predict({ pixels: "1234" });
  // @ts-expect-error there is no such field
  void predictor.predict({ pixels: [1], pixel: 1 });
});

it("takes tensors where it has a name only, or whatever the caller says", () => {
  expectTypeOf(httpPredictor("digits", "/api")).toEqualTypeOf<Predictor<RawInputs, Tensors>>();
  expectTypeOf(httpPredictor(undefined, new URL("https://app.example.com"))).toEqualTypeOf<Predictor<RawInputs, Tensors>>();
  expectTypeOf(httpPredictor<{ x: number }, { y: number }>("double", "/api")).toEqualTypeOf<Predictor<{ x: number }, { y: number }>>();
});

it("takes its options only", () => {
  httpPredictor(digits, "/api", { headers: { authorization: "Bearer t" }, retries: 1, timeoutMs: 1000, batch: { enabled: false } });
  httpPredictor(digits, "/api", { headers: async () => ({ authorization: "Bearer t" }) });
  // @ts-expect-error there is no such option
  httpPredictor(digits, "/api", { retry: 1 });
});
