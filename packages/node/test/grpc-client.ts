import { fileURLToPath } from "node:url";
import type { CallOptions, Client, ClientReadableStream, ClientUnaryCall, ServiceError } from "@grpc/grpc-js";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** A message as another protobuf library has it: names as in the .proto, 64-bit integers as strings. */
// biome-ignore lint/suspicious/noExplicitAny: messages of every kind.
export type Message = any;

/** What a call came to. */
export interface Outcome {
  readonly reply: Message;
  readonly error: ServiceError | undefined;
  /** Metadata that came with the status. */
  readonly trailers: grpc.Metadata | undefined;
}

/** A client that reads the shipped .proto files with another library than the server does. */
export interface GrpcClient {
  call(method: string, request: Message, options?: CallOptions, metadata?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** As `call`, and hands out the call itself. */
  start(method: string, request: Message, options?: CallOptions): { readonly wire: ClientUnaryCall; readonly outcome: Promise<Outcome> };
  check(service: string): Promise<Outcome>;
  watch(service: string, metadata?: Readonly<Record<string, string>>): ClientReadableStream<Message>;
  close(): void;
}

const folder = fileURLToPath(new URL("../proto/", import.meta.url));
const loaded = grpc.loadPackageDefinition(
  loadSync(["inference.proto", "health.proto"], {
    includeDirs: [folder],
    keepCase: true,
    longs: String,
    enums: String,
    oneofs: true,
    defaults: true,
  }),
) as Message;

/** Connects to a server on this machine. */
export function grpcClient(port: number, options: grpc.ClientOptions = {}): GrpcClient {
  const address = `127.0.0.1:${port}`;
  const insecure = grpc.credentials.createInsecure();
  const inference: Client & Message = new loaded.inference.GRPCInferenceService(address, insecure, {
    "grpc.max_receive_message_length": -1,
    ...options,
  });
  const health: Client & Message = new loaded.grpc.health.v1.Health(address, insecure);
  const start = (client: Message, method: string, request: Message, calling: CallOptions, sent: Readonly<Record<string, string>>) => {
    const metadata = toMetadata(sent);
    let settle: (outcome: Outcome) => void = () => {};
    const outcome = new Promise<Outcome>((resolve) => {
      settle = resolve;
    });
    let result: Omit<Outcome, "trailers"> | undefined;
    let trailers: grpc.Metadata | undefined;
    const finish = (): void => {
      if (result !== undefined && trailers !== undefined) settle({ ...result, trailers });
    };
    const wire: ClientUnaryCall = client[method](request, metadata, calling, (error: ServiceError | null, reply: Message) => {
      result = { reply, error: error ?? undefined };
      finish();
    });
    wire.on("status", (status: grpc.StatusObject) => {
      trailers = status.metadata;
      finish();
    });
    return { wire, outcome };
  };
  return {
    call: (method, request, calling = {}, metadata = {}) => start(inference, method, request, calling, metadata).outcome,
    start: (method, request, calling = {}) => start(inference, method, request, calling, {}),
    check: (service) => start(health, "Check", { service }, {}, {}).outcome,
    watch: (service, metadata = {}) => health.Watch({ service }, toMetadata(metadata)),
    close() {
      inference.close();
      health.close();
    },
  };
}

function toMetadata(given: Readonly<Record<string, string>>): grpc.Metadata {
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(given)) metadata.set(name, value);
  return metadata;
}
