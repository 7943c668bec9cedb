import { AccessError } from "../../errors/index.ts";
import { mismatch } from "../../errors/mismatch.ts";
import { errorReply } from "../error-reply.ts";
import { isForeignPage } from "../foreign-page.ts";
import type { NeutralReply } from "../neutral.ts";
import { predictOptions } from "../predict-options.ts";
import type { Host, Operation, Protocol, Route, RouteCall } from "../protocol.ts";
import { readJson } from "../read-body.ts";
import { mostRows } from "../rows-of.ts";
import { headers, jsonReply, parseJson } from "../wire/index.ts";
import { readObject, readParameters } from "../wire/oip/index.ts";
import { inferOip } from "./infer.ts";
import { findOip, type OipRoute } from "./oip-routes.ts";
import { readOipRequest } from "./read-request.ts";
import { oipReply } from "./reply.ts";
import { createOipService, type OipService } from "./service.ts";

const post = ["POST"] as const;
const get = ["GET", "HEAD"] as const;

/** The Open Inference Protocol v2 over HTTP: a model's raw tensors, whatever its definition makes of them. */
export function oipProtocol(host: Host): Protocol {
  const { limits, versionOf } = host;
  const { control, nonFiniteJson } = host.wire;
  const service = createOipService(host, control);

  function infer({ request, requestId, weigh }: RouteCall, { model = "", version }: OipRoute): Promise<NeutralReply> {
    // Tensors made of a body are ours. Where they are views of it, a backend copies what it sends away.
    const options = predictOptions(request, requestId, limits.timeoutMs, true);
    const arrivedAt = performance.now();
    return host.withPredictor(model, { version, routingKey: options.routingKey }, async (predictor) => {
      const asked = await readOipRequest(request, predictor, limits);
      const { inputs, parameters } = asked;
      if (weigh !== undefined) await weigh(mostRows(inputs.map(({ tensor }) => tensor.dims)));
      // Written out: to spread what was asked costs as much as to read it.
      const outputs = await inferOip(predictor, { inputs, outputs: asked.outputs, parameters, options, arrivedAt });
      return oipReply({ model, predictor, version: versionOf(predictor), requestId, request: asked, outputs }, nonFiniteJson);
    });
  }

  const answers: Record<
    OipRoute["kind"],
    readonly [Operation, (call: RouteCall, route: OipRoute) => NeutralReply | Promise<NeutralReply>]
  > = {
    "oip-infer": ["predict", infer],
    "oip-live": ["health", (call) => health(service, call, true)],
    "oip-ready": ["health", (call) => health(service, call, false)],
    "oip-model-ready": [
      "health",
      (call, { model = "", version }) => {
        service.assertModelReady(model, { version });
        return reply(call, { name: model, ...(version === undefined ? {} : { version }), ready: true });
      },
    ],
    "oip-server": ["metadata", (call) => reply(call, service.serverMetadata())],
    "oip-models": ["metadata", (call) => reply(call, { models: [...new Set(host.resolver.list().map(({ name }) => name))] })],
    "oip-model": ["metadata", (call, { model = "", version }) => reply(call, service.modelMetadata(model, { version }))],
    "oip-statistics": ["metadata", (call, { model, version }) => reply(call, { model_stats: service.statistics(model, version) })],
    "oip-index": ["control", async (call) => reply(call, service.index(await readyOnly(call.request, limits.jsonBytes)))],
    "oip-load": ["control", (call, route) => change(call, route, "load")],
    "oip-unload": ["control", (call, route) => change(call, route, "unload")],
  };

  /** Nothing of a load can be overridden here: what the server loads is the server's to say. */
  async function change(call: RouteCall, { model = "" }: OipRoute, what: "load" | "unload"): Promise<NeutralReply> {
    // It is a request for which no browser asks the server first, and a hook that only counts does not ask who it is either.
    if (call.known !== true && isForeignPage(call.request))
      throw new AccessError("FORBIDDEN", "models are not loaded or unloaded for pages of other origins");
    const parameters = readParameters(await readOptional(call.request, limits.jsonBytes), "parameters");
    for (const name in parameters)
      if (what === "load" || name !== "unload_dependents")
        throw mismatch("INPUT_UNKNOWN", `parameters.${name.slice(0, 100)}`, "no parameters", "one");
    await service[what]?.(model);
    return reply(call, { name: model, [what]: true });
  }

  return {
    find(segments): Route | undefined {
      const route = findOip(segments);
      if (route === undefined) return undefined;
      const { kind } = route;
      if (kind === "oip-index" && !control) return undefined;
      if ((kind === "oip-load" && service.load === undefined) || (kind === "oip-unload" && service.unload === undefined)) return undefined;
      const [operation, answer] = answers[kind];
      const methods = operation === "predict" || operation === "control" ? post : get;
      return { ...route, operation, methods, answer: (call) => answer(call, route) };
    },
    close: () => service.close(),
  };
}

function reply({ requestId }: RouteCall, value: unknown): NeutralReply {
  const head = { "content-type": jsonReply, "cache-control": "no-store", [headers.requestId]: requestId };
  return { status: 200, headers: head, body: JSON.stringify(value) };
}

/** Clients look at the status only; the body has both words, since the protocol's documents disagree about which belongs where. */
function health(service: OipService, call: RouteCall, live: boolean): NeutralReply {
  const failure = service.unreadiness();
  const words = { live: true, ready: failure === undefined };
  if (live || failure === undefined) return reply(call, words);
  const refused = errorReply(failure, call.requestId);
  return { ...refused, body: JSON.stringify({ ...(JSON.parse(refused.body as string) as object), ...words }) };
}

async function readyOnly(request: RouteCall["request"], limit: number): Promise<boolean> {
  const { ready = false } = await readOptional(request, limit);
  if (typeof ready !== "boolean") throw mismatch("INPUT_DTYPE", "ready", "true or false", typeof ready);
  return ready;
}

/** A body that may be left out. */
async function readOptional(request: RouteCall["request"], limit: number): Promise<Readonly<Record<string, unknown>>> {
  return readObject(await readJson(request, limit, (text) => (text.trim() === "" ? {} : parseJson(text))), "body");
}
