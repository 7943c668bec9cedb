import type { MessageInitShape } from "@bufbuild/protobuf";
import { isPrediktError } from "@predikt/core";
import { factsOf, inferOip, mismatch, type OipService, type OipTensorMetadata, predictOptions } from "@predikt/core/serving";
import type { Calls } from "./calls.ts";
import * as proto from "./generated/inference_pb.ts";
import { readAsk, writeOutputs } from "./infer.ts";
import { type Method, type MethodCall, method } from "./method.ts";
import { readParameters } from "./parameters.ts";
import { statisticsMessage } from "./statistics.ts";

/** The methods of the Open Inference Protocol's service. Those of the model repository are there where control is allowed. */
export function inferenceMethods(calls: Calls, service: OipService, control: boolean, capMs: number | undefined): readonly Method[] {
  const { load, unload } = service;
  const change = (request: proto.RepositoryModelLoadRequest | proto.RepositoryModelUnloadRequest, what: "load" | "unload") =>
    changeModel(request, what, { load, unload });
  const methods = [
    method({
      name: "ServerLive",
      kind: "grpc-live",
      operation: "health",
      input: proto.ServerLiveRequestSchema,
      output: proto.ServerLiveResponseSchema,
      answer: () => ({ live: true }),
    }),
    method({
      name: "ServerReady",
      kind: "grpc-ready",
      operation: "health",
      input: proto.ServerReadyRequestSchema,
      output: proto.ServerReadyResponseSchema,
      answer: () => ({ ready: service.unreadiness() === undefined }),
    }),
    method({
      name: "ServerMetadata",
      kind: "grpc-server",
      operation: "metadata",
      input: proto.ServerMetadataRequestSchema,
      output: proto.ServerMetadataResponseSchema,
      answer: () => {
        const { name, version, extensions } = service.serverMetadata();
        // Raw contents are gRPC's own; the extension of that name is about HTTP bodies.
        return { name, version, extensions: extensions.filter((extension) => extension !== "binary_tensor_data") };
      },
    }),
    method({
      name: "ModelReady",
      kind: "grpc-model-ready",
      operation: "health",
      input: proto.ModelReadyRequestSchema,
      output: proto.ModelReadyResponseSchema,
      model: ({ name }) => name,
      answer: ({ name, version }) => ({ ready: isReady(service, name, version) }),
    }),
    method({
      name: "ModelMetadata",
      kind: "grpc-model",
      operation: "metadata",
      input: proto.ModelMetadataRequestSchema,
      output: proto.ModelMetadataResponseSchema,
      model: ({ name }) => name,
      answer: ({ name, version }) => {
        const { versions, platform, inputs, outputs } = service.modelMetadata(name, selector(version));
        return { name, versions: [...versions], platform, inputs: inputs.map(tensorMetadata), outputs: outputs.map(tensorMetadata) };
      },
    }),
    method({
      name: "ModelInfer",
      kind: "grpc-infer",
      operation: "predict",
      input: proto.ModelInferRequestSchema,
      output: proto.ModelInferResponseSchema,
      model: ({ modelName }) => modelName,
      rows: ({ inputs }) => Math.max(1, ...inputs.map(({ shape }) => Number(shape[0] ?? 1))),
      answer: (request, call) => infer(calls, request, call, capMs),
    }),
    method({
      name: "ModelStatistics",
      kind: "grpc-statistics",
      operation: "metadata",
      input: proto.ModelStatisticsRequestSchema,
      output: proto.ModelStatisticsResponseSchema,
      model: ({ name }) => orNone(name),
      answer: ({ name, version }) => ({ modelStats: service.statistics(orNone(name), orNone(version)).map(statisticsMessage) }),
    }),
  ];
  if (!control) return methods;
  methods.push(
    method({
      name: "RepositoryIndex",
      kind: "grpc-index",
      operation: "control",
      input: proto.RepositoryIndexRequestSchema,
      output: proto.RepositoryIndexResponseSchema,
      answer: ({ ready }) => ({
        models: service.index(ready).map(({ name, version, state, reason }) => ({ name, version, state, reason })),
      }),
    }),
  );
  if (load === undefined || unload === undefined) return methods;
  methods.push(
    method({
      name: "RepositoryModelLoad",
      kind: "grpc-load",
      operation: "control",
      input: proto.RepositoryModelLoadRequestSchema,
      output: proto.RepositoryModelLoadResponseSchema,
      model: ({ modelName }) => modelName,
      answer: (request) => change(request, "load"),
    }),
    method({
      name: "RepositoryModelUnload",
      kind: "grpc-unload",
      operation: "control",
      input: proto.RepositoryModelUnloadRequestSchema,
      output: proto.RepositoryModelUnloadResponseSchema,
      model: ({ modelName }) => modelName,
      answer: (request) => change(request, "unload"),
    }),
  );
  return methods;
}

async function infer(
  calls: Calls,
  request: proto.ModelInferRequest,
  { call, requestId }: MethodCall,
  capMs: number | undefined,
): Promise<MessageInitShape<typeof proto.ModelInferResponseSchema>> {
  const arrivedAt = performance.now();
  const { modelName, modelVersion, id } = request;
  const left = call.timeLeftMs;
  // What is left of no time is no time limit: the predictor takes none of 0.
  const limitMs = left === undefined ? capMs : Math.min(Math.max(left, 0.001), capMs ?? Infinity);
  // Tensors made of a message are ours to give away.
  const options = predictOptions(call, requestId, limitMs, true);
  const { inputs, outputs, parameters, raw } = readAsk(request);
  return calls.withPredictor(modelName, { ...selector(modelVersion), routingKey: options.routingKey }, async (predictor) => {
    const results = await inferOip(predictor, { inputs, outputs, parameters, options, arrivedAt });
    return { modelName, modelVersion: factsOf(predictor).version, id, ...writeOutputs(results, raw) };
  });
}

function selector(version: string): { readonly version?: string } {
  return version === "" ? {} : { version };
}

function orNone(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function isReady(service: OipService, name: string, version: string): boolean {
  try {
    service.assertModelReady(name, selector(version));
    return true;
  } catch (error) {
    if (isPrediktError(error, "NOT_READY")) return false;
    throw error;
  }
}

function tensorMetadata({ name, datatype, shape }: OipTensorMetadata): { name: string; datatype: string; shape: bigint[] } {
  return { name, datatype, shape: shape.map(BigInt) };
}

/** Nothing of a load can be overridden here: what the server loads is the server's to say. */
async function changeModel(
  { modelName, parameters }: proto.RepositoryModelLoadRequest | proto.RepositoryModelUnloadRequest,
  what: "load" | "unload",
  service: Pick<OipService, "load" | "unload">,
): Promise<object> {
  for (const name in readParameters(parameters) ?? {})
    if (what === "load" || name !== "unload_dependents")
      throw mismatch("INPUT_UNKNOWN", `parameters.${name.slice(0, 100)}`, "no parameters", "one");
  await service[what]?.(modelName);
  return {};
}
