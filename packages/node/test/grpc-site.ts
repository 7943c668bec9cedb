import { createPredictor, type DType, type Signature, type Tensors } from "@predikt/core";
import type { AnyPredictor } from "@predikt/core/serving";
import { fakeBackend } from "@predikt/core/testing";
import { createGrpcServer, type GrpcServer, type GrpcServerOptions } from "../src/grpc/index.ts";
import { type GrpcClient, grpcClient } from "./grpc-client.ts";

/** A running server, a client of it, and what ends both. */
export interface Site {
  readonly server: GrpcServer;
  readonly port: number;
  readonly client: GrpcClient;
  close(): Promise<void>;
}

/** Starts a server, on a free port unless one is given. Predictors of a list are closed with it. */
export async function startSite(options: GrpcServerOptions, wanted = 0): Promise<Site> {
  const server = await createGrpcServer(options);
  const port = await server.listen({ port: wanted });
  const client = grpcClient(port);
  return {
    server,
    port,
    client,
    async close() {
      client.close();
      await server.close();
      const { models } = options;
      if ("resolve" in models) return;
      await Promise.all(models.map((model) => model.close()));
    },
  };
}

/** A model that gives its one input back, of any shape of that rank. */
export function echo(dtype: DType, name: string = dtype, rank = 1): Promise<AnyPredictor> {
  const shape = Array.from({ length: rank }, (_, axis) => `axis${axis}`);
  const signature: Signature = { inputs: [{ name: "x", dtype, shape }], outputs: [{ name: "y", dtype, shape }] };
  const compute = ({ x }: Tensors): Tensors => ({ y: x as Tensors[string] });
  return createPredictor({ name, source: "m", batching: false, backend: fakeBackend({ signature, compute }) }) as Promise<AnyPredictor>;
}

/** The elements of raw FP32 contents. */
export function floats(bytes: Uint8Array): number[] {
  return Array.from(new Float32Array(Uint8Array.from(bytes).buffer));
}

/** Floats as raw contents. */
export function rawFloats(...values: readonly number[]): Buffer {
  return Buffer.from(new Float32Array(values).buffer);
}
