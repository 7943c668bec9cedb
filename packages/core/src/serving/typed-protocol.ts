import { ModelError } from "../errors/index.ts";
import { createDocuments } from "./documents.ts";
import type { NeutralReply } from "./neutral.ts";
import { predictBatch, predictOne } from "./predict.ts";
import { predictOptions } from "./predict-options.ts";
import type { Host, Protocol, Route, RouteCall } from "./protocol.ts";
import { findTyped, type TypedRoute } from "./typed-routes.ts";

const post = ["POST"] as const;
const get = ["GET", "HEAD"] as const;

/** The definition's own inputs and outputs over HTTP, and the documents that describe them. */
export function typedProtocol(host: Host): Protocol {
  const { limits, serverTiming, report, versionOf } = host;
  const documents = createDocuments(host);

  async function predict({ request, requestId, weigh }: RouteCall, route: TypedRoute): Promise<NeutralReply> {
    const options = predictOptions(request, requestId, limits.timeoutMs);
    const name = route.model ?? host.defaultName;
    if (name === undefined) throw new ModelError("MODEL_NOT_FOUND", "no default model is set; name one: POST /predict/{model}");
    const { version, label } = route;
    return host.withPredictor(name, { version, label, routingKey: options.routingKey }, (predictor) => {
      const arrivedAt = options.timeoutMs === undefined ? 0 : performance.now();
      const call = { request, predictor, version: versionOf(predictor), options, arrivedAt, limits, serverTiming, report, weigh };
      return route.kind === "predict" ? predictOne(call) : predictBatch(call);
    });
  }

  return {
    find(segments): Route | undefined {
      const route = findTyped(segments);
      if (route === undefined) return undefined;
      switch (route.kind) {
        case "predict":
        case "batch": {
          const model = route.model ?? host.defaultName;
          return { ...route, model, operation: "predict", methods: post, answer: (call) => predict(call, route) };
        }
        case "live":
        case "ready":
          return { ...route, operation: "health", methods: get, answer: (call) => documents(call, route) };
        default:
          return { ...route, operation: "metadata", methods: get, answer: (call) => documents(call, route) };
      }
    },
  };
}
