import type { ModelResolver, VersionStatus } from "../../types/index.ts";
import { factsOf } from "../facts.ts";
import type { NeutralReply } from "../neutral.ts";
import { predictOptions } from "../predict-options.ts";
import type { Host, Protocol, Route, RouteCall } from "../protocol.ts";
import { readJson } from "../read-body.ts";
import { indexOf, type Repository } from "../readiness.ts";
import { mostRows } from "../rows-of.ts";
import { asAsked, optionsNow } from "../time-left.ts";
import { headers, jsonReply, parseTolerantJson } from "../wire/index.ts";
import { tfMetadata, tfStatus } from "./metadata.ts";
import { readTfPredict } from "./read-predict.ts";
import { findTf, type TfRoute } from "./tf-routes.ts";
import { writeTfPredict } from "./write-predict.ts";

const post = ["POST"] as const;
const get = ["GET", "HEAD"] as const;

/** TensorFlow Serving's REST API, version 1: a model's raw tensors, whatever its definition makes of them. `:classify` and `:regress` are not there. */
export function tfProtocol(host: Host): Protocol {
  const { resolver, limits, versionOf, wire } = host;

  function predict({ request, requestId, weigh }: RouteCall, { model = "", version, label }: TfRoute): Promise<NeutralReply> {
    const options = predictOptions(request, requestId, limits.timeoutMs, true);
    const timed = { options, arrivedAt: performance.now() };
    return host.withPredictor(model, { version, label, routingKey: options.routingKey }, async (predictor) => {
      const { signature, lossless } = factsOf(predictor);
      const json = await readJson(request, limits.jsonBytes, (text) => parseTolerantJson(text, lossless));
      const { feeds, format } = readTfPredict(json, signature);
      if (weigh !== undefined) await weigh(mostRows(Object.values(feeds).map(({ dims }) => dims)));
      try {
        const results = await predictor.run(feeds, optionsNow(timed));
        const body = writeTfPredict(results, signature.outputs, format, wire.nonFiniteJson);
        const head = { "content-type": jsonReply, [headers.requestId]: requestId, [headers.modelVersion]: versionOf(predictor) };
        return { status: 200, headers: head, body };
      } catch (thrown) {
        throw asAsked(thrown, timed);
      }
    });
  }

  function document(route: TfRoute): unknown {
    const { model = "" } = route;
    if (route.kind === "tf-models") return { models: [...new Set(resolver.list().map(({ name }) => name))] };
    if (route.kind === "tf-metadata") return tfMetadata(model, factsOf(resolver.resolve(model, route)));
    return tfStatus(statusOf(resolver, route));
  }

  return {
    find(segments): Route | undefined {
      const route = findTf(segments);
      if (route === undefined) return undefined;
      if (route.kind === "tf-predict") return { ...route, operation: "predict", methods: post, answer: (call) => predict(call, route) };
      return { ...route, operation: "metadata", methods: get, answer: (call) => reply(call, document(route)) };
    },
  };
}

/** What is known of the versions that a route means. A resolver has its own words for those that it has not. */
function statusOf(resolver: ModelResolver & Repository, { model = "", version, label }: TfRoute): readonly VersionStatus[] {
  const wanted = label === undefined ? version : resolver.resolve(model, { version, label }).info.version;
  const entries = indexOf(resolver).filter((entry) => entry.name === model && (wanted === undefined || entry.version === wanted));
  if (entries.length === 0) resolver.resolve(model, { version });
  return entries;
}

function reply({ requestId }: RouteCall, value: unknown): NeutralReply {
  const head = { "content-type": jsonReply, "cache-control": "no-store", [headers.requestId]: requestId };
  return { status: 200, headers: head, body: JSON.stringify(value) };
}
