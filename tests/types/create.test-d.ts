import { createPredictor, type Predictor } from "@predikt/core";
import { httpPredictor } from "@predikt/core/client";
import { createPredictor as createNodePredictor, nodeBackend } from "@predikt/node";
import type { PredictorProviderProps } from "@predikt/react";
import { expectTypeOf, it } from "vitest";
import { definition } from "./definition.ts";

it("every way to make a predictor gives the same type", () => {
  type Digits = Predictor<{ pixels: number[] }, { digit: number }>;
  expectTypeOf(createNodePredictor(definition, { source: "m.onnx" })).resolves.toEqualTypeOf<Digits>();
  expectTypeOf(createPredictor(definition, { source: "m.onnx", backend: nodeBackend() })).resolves.toEqualTypeOf<Digits>();
  expectTypeOf(httpPredictor(definition, "/api")).toEqualTypeOf<Digits>();
});

it("each of them fits React's provider", () => {
  expectTypeOf(createNodePredictor).toExtend<PredictorProviderProps["create"]>();
  const remote: PredictorProviderProps["create"] = (digits, { source }) => httpPredictor(digits, String(source));
  expectTypeOf(remote).toExtend<PredictorProviderProps["create"]>();
});
