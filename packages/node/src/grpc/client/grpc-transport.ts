import type { Tensors } from "@predikt/core";
import { RemoteError } from "@predikt/core";
import {
  type Answer,
  callParameters,
  type InferCall,
  isRefusal,
  type ModelChoice,
  type RemoteModel,
  readOipModel,
  replyFault,
  type Transport,
  type TransportCall,
} from "@predikt/core/remote";
import { tensorToBinary } from "@predikt/core/serving";
import { GRPCInferenceService, type ModelInferResponse, type ModelMetadataResponse } from "../generated/inference_pb.ts";
import { describeTensor, readTensors } from "../infer.ts";
import { wholeParameter } from "../parameters.ts";
import { type Connection, connect, type GrpcLink } from "./link.ts";
import { unary } from "./unary.ts";

const { modelInfer, modelMetadata, modelReady, serverMetadata } = GRPCInferenceService.method;

/** The Open Inference Protocol v2 over gRPC, with raw contents. */
export class GrpcTransport implements Transport {
  readonly #link: GrpcLink;
  readonly #choice: ModelChoice;
  readonly #model: { readonly name: string; readonly version: string };
  #connection: Promise<Connection> | undefined;

  constructor(link: GrpcLink, choice: ModelChoice) {
    this.#link = link;
    this.#choice = choice;
    this.#model = { name: choice.name, version: choice.version ?? "" };
  }

  async describe(call: TransportCall): Promise<Answer<RemoteModel>> {
    const connection = await this.#connect();
    const [model, server] = await Promise.all([
      unary(connection, this.#link, modelMetadata, this.#model, call),
      unary(connection, this.#link, serverMetadata, {}, call),
    ]);
    if (isRefusal(model)) return model;
    // A server that does not tell of itself is used all the same.
    const { name, version } = isRefusal(server) ? { name: undefined, version: undefined } : server.value;
    try {
      return { value: readOipModel(plainMetadata(model.value), this.#choice, { name, version, binary: true }) };
    } catch (thrown) {
      return replyFault(thrown);
    }
  }

  async infer(feeds: Tensors, call: InferCall): Promise<Answer<Tensors>> {
    const tensors = Object.entries(feeds);
    const { name: modelName, version: modelVersion } = this.#model;
    const parameters = Object.entries(callParameters(call)).map(([name, value]) => [name, wholeParameter(value)]);
    const request = {
      modelName,
      modelVersion,
      id: call.requestId ?? "",
      parameters: Object.fromEntries(parameters),
      inputs: tensors.map(([name, tensor]) => describeTensor(name, tensor)),
      rawInputContents: tensors.map(([, tensor]) => tensorToBinary(tensor)),
    };
    const reply = await unary(await this.#connect(), this.#link, modelInfer, request, call);
    if (isRefusal(reply)) return reply;
    try {
      return { value: readOutputs(reply.value) };
    } catch (thrown) {
      return replyFault(thrown);
    }
  }

  async ready(call: TransportCall): Promise<Answer<boolean>> {
    const reply = await unary(await this.#connect(), this.#link, modelReady, this.#model, call);
    return isRefusal(reply) ? reply : { value: reply.value.ready };
  }

  async close(): Promise<void> {
    (await this.#connection?.catch(() => undefined))?.client.close();
  }

  #connect(): Promise<Connection> {
    this.#connection ??= connect(this.#link);
    return this.#connection;
  }
}

/** The metadata in the form of the protocol's JSON. */
function plainMetadata({ versions, platform, inputs, outputs }: ModelMetadataResponse): Readonly<Record<string, unknown>> {
  const plain = (list: ModelMetadataResponse["inputs"]): unknown =>
    list.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(Number) }));
  return { versions, platform, inputs: plain(inputs), outputs: plain(outputs) };
}

/** Outputs by name, be they raw or typed. */
function readOutputs({ outputs, rawOutputContents }: ModelInferResponse): Tensors {
  if (outputs.length === 0) throw new RemoteError("REMOTE_PROTOCOL", "the server's reply: expected outputs, got none");
  return Object.fromEntries(readTensors(outputs, rawOutputContents, "outputs").map(({ name, tensor }) => [name, tensor]));
}
