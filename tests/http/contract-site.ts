import { createPredictor, type Signature, type Tensor, type Tensors, tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";
import type { VersionSource } from "@predikt/core/registry";
import type { AnyPredictor, HandlerOptions } from "@predikt/core/serving";
import { type FakeBackend, fakeBackend } from "@predikt/core/testing";
import { type Got, json, oneSocket, send } from "./send.ts";
import { adapters, type Served } from "./servers.ts";

/** What is to be ended when a test is over. */
export const ended: (() => unknown)[] = [];

/** Ends what a test has begun, latest first. */
export async function end(): Promise<void> {
  for (const each of ended.splice(0).reverse()) await each();
}

/** A server, and a way to ask it. */
export interface Client {
  readonly served: Served;
  /** Asks on a socket of its own; anything but bytes is sent as JSON. */
  readonly ask: (path: string, body?: unknown, headers?: Record<string, string>, method?: string) => Promise<Got>;
}

/** Serves models through node:http. */
export async function serve(models: HandlerOptions["models"], options: Partial<HandlerOptions> = {}): Promise<Client> {
  const served = await (adapters["node:http"] as (typeof adapters)[string])({ models, ...options });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= served.close());
  ended.push(close);
  return {
    served: { origin: served.origin, close },
    async ask(path, body, headers, method) {
      const agent = oneSocket();
      try {
        return await send(served.origin, { path: `/api${path}`, body, headers, method }, agent);
      } finally {
        agent.destroy();
      }
    },
  };
}

/** An infer request of as many rows. */
export const input = (...data: readonly number[]): object => ({
  inputs: [{ name: "x", datatype: "FP32", shape: [data.length, 1], data }],
});
/** The outputs of an infer reply. */
export const outputsOf = (got: Got): { name: string; data: number[] }[] =>
  (json(got) as { outputs: { name: string; data: number[] }[] }).outputs;
/** The error code of a reply. */
export const codeOf = (got: Got): unknown => (json(got) as { code: unknown }).code;

/** The model `m`, whose runs a test can hold. */
export async function held(
  options: {
    queueLimit?: number;
    batching?: false | { maxBatchSize: number };
    signature?: Signature;
    compute?: (feeds: Tensors) => Tensors;
  } = {},
): Promise<{ backend: FakeBackend; predictor: AnyPredictor }> {
  const { signature, compute, ...rest } = options;
  const backend = fakeBackend({ signature, compute });
  const predictor = (await createPredictor({ name: "m", source: "m", backend, ...rest })) as AnyPredictor;
  ended.push(() => {
    backend.hold(false);
    backend.release();
  });
  return { backend, predictor };
}

/** A version of `m` that opens, or fails, when a test says so. */
export function gated(version: string, factor: number): VersionSource & { readonly open: VersionSource["open"]; go(error?: Error): void } {
  let go: (error?: Error) => void = () => {};
  const gate = new Promise<void>((resolve, reject) => {
    go = (error) => (error === undefined ? resolve() : reject(error));
  });
  gate.catch(() => {});
  const compute = ({ x }: Tensors): Tensors => ({ y: times(x as Tensor, factor) });
  return {
    version,
    go,
    open: async () => {
      await gate;
      return (await createPredictor({ name: "m", version, source: "m", backend: fakeBackend({ compute }) })) as AnyPredictor;
    },
  };
}

/** A tensor of floats, each times a factor. */
export function times(feed: Tensor, factor: number): Tensor {
  return { ...feed, data: (feed.data as Float32Array).map((v) => v * factor) } as Tensor;
}

/** A model on a real runtime whose rows go through a product and a softmax: x float32 [batch, 8] → y [batch, 4]. */
export function mixingModel(): Uint8Array {
  const weights = tensor(
    "float32",
    Float32Array.from({ length: 32 }, (_, i) => Math.sin(i + 1)),
    [8, 4],
  );
  return writeModel(
    model(
      graph({
        nodes: [node("MatMul", ["x", "w"], ["h"]), node("Softmax", ["h"], ["y"])],
        inputs: [value("x", "float32", ["batch", 8])],
        outputs: [value("y", "float32", ["batch", 4])],
        initializers: [initializer("w", weights)],
      }),
    ),
  );
}

/** A model on a real runtime that looks up one of three numbers: i int64 [batch] → y float32 [batch]. No signature says that an index ends at 2. */
export function lookupModel(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("Gather", ["table", "i"], ["y"])],
        inputs: [value("i", "int64", ["batch"])],
        outputs: [value("y", "float32", ["batch"])],
        initializers: [initializer("table", tensor("float32", [10, 20, 30]))],
      }),
    ),
  );
}
