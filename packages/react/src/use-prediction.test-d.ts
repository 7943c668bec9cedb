import { createPredictor, type Definition, defineModel, type Predictor, tensor } from "@predikt/core";
import { fakeBackend } from "@predikt/core/testing";
import { QueryClient } from "@tanstack/react-query";
import type { ComponentProps } from "react";
import { expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  createModelPool,
  type InputOf,
  type ModelSpec,
  type OutputOf,
  type PredictorProvider,
  predictionQueryOptions,
  preloadModel,
  useModel,
  usePrediction,
  useSuspensePrediction,
} from "./index.ts";

const model = defineModel({
  name: "m",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.string() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: () => ({ y: "" }),
  example: { x: 1 },
});
type Props = ComponentProps<typeof PredictorProvider>;

it("infers input and output from the definition", () => {
  const { data, predict } = usePrediction(model, { x: 1 }, { inputKey: ({ x }) => x });
  expectTypeOf(data).toEqualTypeOf<{ y: string } | undefined>();
  expectTypeOf(predict).parameter(0).toEqualTypeOf<{ x: number }>();
  expectTypeOf(predict).returns.toEqualTypeOf<Promise<{ y: string }>>();
  expectTypeOf(useSuspensePrediction(model, { x: 1 }).data).toEqualTypeOf<{ y: string }>();
  expectTypeOf(useModel(model).predictor).toEqualTypeOf<Predictor<{ x: number }, { y: string }> | undefined>();
  // @ts-expect-error a string is no number
  usePrediction(model, { x: "1" });
  // @ts-expect-error a suspended prediction needs an input
  useSuspensePrediction(model, undefined);
});

it("infers them from a spec, and is told them with a name", () => {
  expectTypeOf(usePrediction({ definition: model, source: "m.onnx" }, { x: 1 }).data).toEqualTypeOf<{ y: string } | undefined>();
  const named = usePrediction<typeof model>("m", { x: 1 });
  expectTypeOf(named.data).toEqualTypeOf<{ y: string } | undefined>();
  expectTypeOf(named.predict).parameter(0).toEqualTypeOf<{ x: number }>();
  expectTypeOf(useSuspensePrediction<typeof model>("m", { x: 1 }).data).toEqualTypeOf<{ y: string }>();
  expectTypeOf(usePrediction("m").data).toEqualTypeOf<unknown>();
  expectTypeOf<InputOf<typeof model>>().toEqualTypeOf<{ x: number }>();
  expectTypeOf<OutputOf<typeof model>>().toEqualTypeOf<{ y: string }>();
  expectTypeOf<OutputOf<Definition<number, string>>>().toEqualTypeOf<string>();
  // @ts-expect-error a string is no number
  usePrediction<typeof model>("m", { x: "1" });
});

it("takes core's createPredictor with a backend, and any place for a model", () => {
  const create: NonNullable<Props["create"]> = (definition, options) => createPredictor(definition, { ...options, backend: fakeBackend() });
  const remote = { definition: model, url: "/api", retries: 1 };
  const models = {
    local: { definition: model, source: "m.onnx", device: ["webgpu", "wasm"] },
    remote,
    either: { definition: model, prefer: [{ source: "m.onnx", device: "webgpu" }, remote] },
    raw: { source: new Uint8Array() },
  } satisfies Record<string, ModelSpec>;
  expectTypeOf({ create, models }).toExtend<Props>();
  expectTypeOf({ pool: createModelPool({ create, models }) }).toExtend<Props>();
  expectTypeOf({ models }).not.toExtend<Props>();
});

it("gives TanStack Query what it takes", () => {
  const pool = createModelPool({ create: () => undefined, models: {} });
  expectTypeOf(new QueryClient().fetchQuery(predictionQueryOptions(pool, model, { x: 1 }))).resolves.toEqualTypeOf<{ y: string }>();
  expectTypeOf(preloadModel(pool, model)).resolves.toEqualTypeOf<Predictor<{ x: number }, { y: string }>>();
});
