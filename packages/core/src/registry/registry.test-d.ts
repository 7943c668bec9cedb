import { expectTypeOf, it } from "vitest";
import { z } from "zod";
import { defineModel } from "../model/index.ts";
import { createPredictor } from "../predictor/index.ts";
import type { HandlerOptions } from "../serving/index.ts";
import { tensor } from "../tensor/index.ts";
import { fakeBackend } from "../testing/index.ts";
import type { ModelResolver, Predictor } from "../types/index.ts";
import { createRegistry } from "./create-registry.ts";
import type { VersionSource } from "./types.ts";

const line = defineModel({
  name: "line",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { x: 1 },
});

it("takes typed predictors as they are opened", () => {
  const source = { version: "1", open: () => createPredictor(line, { backend: fakeBackend(), source: "m" }) };
  expectTypeOf(source).toExtend<VersionSource>();
  const signalled: VersionSource = {
    version: "1",
    open: (signal) => createPredictor(line, { backend: fakeBackend(), source: "m", signal }),
  };
  expectTypeOf(signalled).toExtend<VersionSource>();
});

it("mounts wherever a list of predictors does", () => {
  const registry = createRegistry();
  expectTypeOf(registry).toExtend<ModelResolver>();
  expectTypeOf({ models: registry }).toExtend<HandlerOptions>();
});

it("gives a typed predictor, and typed events", () => {
  const registry = createRegistry();
  expectTypeOf(registry.predictor<{ x: number }, { y: number }>("line")).toEqualTypeOf<Predictor<{ x: number }, { y: number }>>();
  expectTypeOf(registry.predictor(line)).toEqualTypeOf<Predictor<{ x: number }, { y: number }>>();
  expectTypeOf(registry.predictor(line, { label: "canary" }).predict)
    .parameter(0)
    .toEqualTypeOf<{ x: number }>();
  expectTypeOf(registry.predictor("line")).toEqualTypeOf<Predictor<unknown, unknown>>();
  registry.on("rolled-back", (event) => expectTypeOf(event.gate).toEqualTypeOf<"error-rate" | "p95">());
  registry.on("*", (event) => expectTypeOf(event.name).toEqualTypeOf<string>());
});
