import { createRequire } from "node:module";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { createPredictor } from "@predikt/core";
import type { AnyPredictor } from "@predikt/core/serving";
import { createGrpcServer, type GrpcServer, remote } from "@predikt/node/grpc";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bytes, createSite, double, moody, pixels, type Site } from "./models.ts";
import { asCall, type Call } from "./scenarios/as-call.ts";
import { asInfer, type InferCall } from "./scenarios/as-infer.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { scenarios } from "./scenarios.ts";

// The one table over gRPC: its OIP scenarios as messages of a client that knows the shipped .proto only, and its predictions through a predictor whose
// backend is another server.

// biome-ignore lint/suspicious/noExplicitAny: messages of every kind, as a client without types has them.
type Message = any;

/** gRPC's statuses for HTTP's. */
const statuses: Readonly<Record<number, number>> = { 200: 0, 400: 3, 404: 5, 413: 8, 429: 8, 500: 13, 503: 14, 504: 4 };

let site: Site;
let server: GrpcServer;
let client: Message;
let url = "";
const open: AnyPredictor[] = [];

beforeAll(async () => {
  site = await createSite();
  const { models, title, onReply, onError } = site.options;
  server = await createGrpcServer({ models, title, onReply, onError });
  const port = await server.listen({ port: 0 });
  url = `grpc://127.0.0.1:${port}`;
  const proto = createRequire(import.meta.url).resolve("@predikt/node/proto/inference.proto");
  const loaded: Message = grpc.loadPackageDefinition(loadSync(proto, { keepCase: true, longs: String, defaults: true, oneofs: true }));
  client = new loaded.inference.GRPCInferenceService(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((predictor) => predictor.close()));
});
afterAll(async () => {
  client.close();
  await server.close();
  await site.close();
});

/** An error as HTTP has it in its body: places in JSON have other names than places in messages. */
function bodyOf({ metadata }: grpc.ServiceError): unknown {
  const text = String(metadata.get("x-predikt-error-bin")[0]);
  return JSON.parse(text.replaceAll(/\.contents\.\w+_contents/g, ".data"));
}

describe("OIP's scenarios as messages", () => {
  const table = scenarios.flatMap((scenario): [string, Scenario, InferCall][] => {
    const call = asInfer(scenario);
    return call === undefined ? [] : [[scenario.name, scenario, call]];
  });

  it("are most of those that are no matter of HTTP", () => {
    const names = table.map(([name]) => name);
    expect(names).toEqual(
      expect.arrayContaining(["OIP: model metadata", "OIP: outputs in the order wanted, of every digit", "OIP: the best classes"]),
    );
    expect(names.length).toBeGreaterThan(18);
  });

  it.each(table)("%s", async (_name, { status, body }, { method, request, toJson }) => {
    const { error, reply } = await new Promise<{ error: grpc.ServiceError | null; reply: Message }>((resolve) =>
      client[method](request, (failure: grpc.ServiceError | null, value: Message) => resolve({ error: failure, reply: value })),
    );
    expect(error?.code ?? 0, error?.details).toBe(statuses[status]);
    if (body !== undefined) expect(error === null ? toJson(reply) : bodyOf(error)).toEqual(body);
  });
});

describe("predictions through remote()", () => {
  const definitions: Readonly<Record<string, unknown>> = { double, pixels, bytes, moody };
  // No signature can be read of a predictor that is somewhere else itself, and no metadata names a version that HTTP has to encode.
  const elsewhere = new Set<string | undefined>(["relay", "odd"]);
  // JSON, and what it cannot carry, is no matter of a definition's own process.
  const ofJson = new Set([
    "the output cannot become JSON",
    "an error with details that JSON cannot carry",
    "batch with items whose code throws",
  ]);
  const table = scenarios.flatMap((scenario): [string, Scenario, Call][] => {
    const { name, ask, status } = scenario;
    const call = asCall(scenario);
    // Headers and limits are HTTP's. A model, its version or its label is the backend's, and known once that is open.
    const ofHttp = ask.headers !== undefined || status === 413 || status === 404 || /\/(version|label)s\//.test(ask.path);
    return call === undefined || ofHttp || elsewhere.has(call.model) || ofJson.has(name) ? [] : [[name, scenario, call]];
  });

  async function over(model: string): Promise<AnyPredictor> {
    const backend = remote(url, { retries: 0 });
    const definition = definitions[model];
    const predictor = await (definition === undefined
      ? createPredictor({ name: model, backend })
      : createPredictor(definition as typeof double, { backend }));
    open.push(predictor as AnyPredictor);
    return predictor as AnyPredictor;
  }

  /** The code of an error's body, or of the matcher of one. */
  function codeOf(body: Message): unknown {
    return body.code ?? body.sample.code;
  }

  it("are most of those that a client can make", () => {
    expect(table.length).toBeGreaterThan(45);
  });

  it.each(table)("%s", async (_name, { status, body }, call) => {
    const predictor = await over(call.model ?? "double");
    const outcome = await call.make(predictor);
    expect(outcome.status, JSON.stringify(outcome.body)).toBe(status);
    // Dimensions have no names here, and a definition's own process knows what a server keeps to itself: of an error, its code is the same.
    if (status === 200 && body !== undefined) expect(outcome.body).toEqual(body);
    else expect(outcome.body).toMatchObject({ code: codeOf(body) });
  });
});
