// A user's TypeScript, checked against the packed declarations under node16 (as ES module and CommonJS) and bundler resolution.
import { createPredictor, defineModel, isPrediktError, type Predictor, type Tensors, tensor } from "@predikt/core";
import { httpPredictor } from "@predikt/core/client";
import { checkModel, type Inspection } from "@predikt/core/onnx";
import { softmax } from "@predikt/core/postprocess";
import { createRegistry, latest } from "@predikt/core/registry";
import { toFetchHandler } from "@predikt/core/serving";
import { backendContract, fakeBackend } from "@predikt/core/testing";
import { createPredictor as createNodePredictor, nodeBackend } from "@predikt/node";
import { predikt as express } from "@predikt/node/express";
import { predikt as fastify } from "@predikt/node/fastify";
import { createRequestListener } from "@predikt/node/http";
import { type PredictorProviderProps, usePrediction } from "@predikt/react";
import { z } from "zod";

const line = defineModel({
  name: "line",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }: Tensors<"y">) => ({ y: Number(y.data[0]) }),
  example: { x: 1 },
});
type Line = Predictor<{ x: number }, { y: number }>;

export async function use(): Promise<number> {
  const predictor: Line = await createNodePredictor(line, { source: "m.onnx", device: ["cuda", "cpu"], batching: { maxBatchSize: 8 } });
  const same: Line = await createPredictor(line, { source: "m.onnx", backend: nodeBackend() });
  const far: Line = httpPredictor(line, "/api");
  // @ts-expect-error the input is a number
  await far.predict({ x: "1" });
  const raw = await createPredictor({ source: new Uint8Array(), backend: fakeBackend() });
  const { y } = await raw.run({ x: [[1]] });
  const { y: out } = await same.predict({ x: 1 }, { timeoutMs: 100, priority: "high" });
  // @ts-expect-error the output is a number
  const wrong: string = out;
  const models = [predictor as never];
  const registry = createRegistry();
  await registry.setVersions("line", [{ version: "1", open: (signal) => createNodePredictor(line, { source: "m.onnx", signal }) }], {
    policy: latest(2),
  });
  const { y: swapped }: { y: number } = await registry.predictor<{ x: number }, { y: number }>("line").predict({ x: 1 });
  const inspection: Inspection = checkModel(new Uint8Array()).inspection;
  void [
    wrong,
    y,
    swapped,
    toFetchHandler({ models: registry }),
    inspection.signature,
    softmax([1, 2]),
    toFetchHandler({ models }),
    backendContract,
  ];
  void [express({ models }), fastify, createRequestListener({ models })];
  return (await predictor.predict({ x: 1 })).y;
}

export const props: PredictorProviderProps = { create: createNodePredictor, models: { line: { definition: line, source: "m.onnx" } } };
export const hook = (): number | undefined => usePrediction(line, { x: 1 }).data?.y;
export const code = (error: unknown): string => (isPrediktError(error) ? error.code : "none");
