import type { Server, ServerUnaryCall, ServiceDefinition, sendUnaryData } from "@grpc/grpc-js";
import { ConfigError } from "@predikt/core";
import { createOipService, toResolver } from "@predikt/core/serving";
import { Calls } from "./calls.ts";
import { Health as HealthService } from "./generated/health_pb.ts";
import { GRPCInferenceService } from "./generated/inference_pb.ts";
import { Health, type Watch } from "./health.ts";
import { healthMethod } from "./health-method.ts";
import { loadGrpc } from "./load-grpc.ts";
import type { Method } from "./method.ts";
import { inferenceMethods } from "./methods.ts";
import { type GrpcServiceOptions, resolveGrpcLimits } from "./options.ts";

/** Services that were added to a server. */
export interface GrpcServices {
  /**
   * Refuses new predictions as UNAVAILABLE, tells those who watch the health that it serves no more, and resolves once what is under way is answered.
   * Call it before the server's own `tryShutdown`. Idempotent; the predictors stay open.
   */
  close(): Promise<void>;
}

/**
 * Adds the Open Inference Protocol v2 (`inference.GRPCInferenceService`) and gRPC's health checking (`grpc.health.v1.Health`) to a server of
 * @grpc/grpc-js that is the application's own. Its limit on messages is its own, too: 4 MiB unless `grpc.max_receive_message_length` says otherwise.
 *
 * @throws ConfigError CONFIG_INVALID; BackendError BACKEND_MISSING where @grpc/grpc-js is not installed
 */
export async function addPrediktServices(server: Server, options: GrpcServiceOptions): Promise<GrpcServices> {
  const { control = false, title = "Predikt" } = options;
  if (typeof control !== "boolean") throw new ConfigError("control", "true or false", typeof control);
  const { timeoutMs } = resolveGrpcLimits(options.limits);
  const resolver = toResolver(options.models);
  const calls = new Calls(await loadGrpc(), resolver, options);
  const service = createOipService({ resolver, title, isDraining: () => calls.draining }, control);
  const names = [GRPCInferenceService.typeName, HealthService.typeName];
  const health = new Health(service, names, resolver);
  add(server, GRPCInferenceService.typeName, calls, inferenceMethods(calls, service, control, timeoutMs));
  add(server, HealthService.typeName, calls, [healthMethod(health)], (stream) => void calls.watch(health, stream));
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const drained = calls.drain();
    health.update();
    await drained;
    health.end();
    service.close();
  };
  return {
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Messages are read and written within the call, where an error of theirs has a status of its own. */
const same = (bytes: Buffer): Buffer => bytes;
const bytes = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same } as const;

function add(server: Server, service: string, calls: Calls, methods: readonly Method[], watch?: (stream: Watch) => void): void {
  const definitions: Record<string, ServiceDefinition[string]> = {};
  const handlers: Record<string, (call: never, callback: never) => void> = {};
  for (const method of methods) {
    definitions[method.name] = { path: `/${service}/${method.name}`, requestStream: false, responseStream: false, ...bytes };
    handlers[method.name] = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) =>
      void calls.answer(method, call, callback);
  }
  if (watch !== undefined) {
    definitions["Watch"] = { path: `/${service}/Watch`, requestStream: false, responseStream: true, ...bytes };
    handlers["Watch"] = watch;
  }
  server.addService(definitions, handlers as never);
}
