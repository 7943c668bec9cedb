import { createPredictor, defineModel, tensor } from "@predikt/core";
import { fakeBackend } from "@predikt/core/testing";
import type { ComponentProps } from "react";
import { expectTypeOf, it } from "vitest";
import { z } from "zod";
import { type PredictorProvider, usePrediction } from "./index.ts";

const model = defineModel({
  name: "m",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.string() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: () => ({ y: "" }),
  example: { x: 1 },
});

it("infers input and output from the definition", () => {
  const { data, predict } = usePrediction(model, { x: 1 });
  expectTypeOf(data).toEqualTypeOf<{ y: string } | undefined>();
  expectTypeOf(predict).parameter(0).toEqualTypeOf<{ x: number }>();
  expectTypeOf(predict).returns.toEqualTypeOf<Promise<{ y: string }>>();
  // @ts-expect-error a string is no number
  usePrediction(model, { x: "1" });
});

it("takes core's createPredictor with a backend, and models without an option", () => {
  const create: ComponentProps<typeof PredictorProvider>["create"] = (definition, options) =>
    createPredictor(definition, { ...options, backend: fakeBackend() });
  expectTypeOf({ create, models: { m: { definition: model, source: "m.onnx" } } }).toExtend<ComponentProps<typeof PredictorProvider>>();
});
