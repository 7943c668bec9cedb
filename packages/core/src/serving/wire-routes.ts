import type { ModelResolver } from "../types/index.ts";
import type { ResolvedWire } from "./options.ts";
import type { Repository } from "./readiness.ts";

/** One route of a wire protocol, as the documents list it. */
export interface WireRoute {
  readonly tag: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  /** What OpenAPI calls it. */
  readonly id: string;
  readonly purpose: string;
}

/** Those that a handler has. */
export function wireRoutes({ protocols, control }: ResolvedWire, resolver: ModelResolver & Repository): readonly WireRoute[] {
  const index = control ? repository.slice(0, 1) : [];
  const change = repository.slice(1).filter(({ id }) => control && resolver[id === "oipLoad" ? "load" : "unload"] !== undefined);
  return [...(protocols.includes("oip") ? [...oip, ...index, ...change] : []), ...(protocols.includes("tfserving") ? tfserving : [])];
}

type Row = readonly [method: WireRoute["method"], path: string, id: string, purpose: string];

const under = (tag: string, rows: readonly Row[]): readonly WireRoute[] =>
  rows.map(([method, path, id, purpose]) => ({ tag, method, path, id, purpose }));

const oipTag = "Open Inference Protocol v2";

const oip = under(oipTag, [
  ["GET", "/v2", "oipServer", "this server and the protocol's extensions that it has"],
  ["GET", "/v2/health/live", "oipLive", "the process answers"],
  ["GET", "/v2/health/ready", "oipReady", "200 once every model is ready, else 503"],
  ["GET", "/v2/models", "oipModels", "the models' names"],
  ["GET", "/v2/models/{model}", "oipModel", "names, datatypes and shapes of its raw tensors"],
  ["GET", "/v2/models/{model}/versions/{version}", "oipModelVersion", "the same of one version"],
  ["GET", "/v2/models/{model}/ready", "oipModelReady", "200 where it answers"],
  ["GET", "/v2/models/{model}/versions/{version}/ready", "oipModelVersionReady", "200 where that version answers"],
  ["POST", "/v2/models/{model}/infer", "oipInfer", "raw tensors in, raw tensors out, in JSON or with bytes behind it"],
  ["POST", "/v2/models/{model}/versions/{version}/infer", "oipInferVersion", "the same by one version"],
  ["GET", "/v2/models/stats", "oipStatistics", "counts and durations of every model"],
  ["GET", "/v2/models/{model}/stats", "oipModelStatistics", "counts and durations of its versions"],
  ["GET", "/v2/models/{model}/versions/{version}/stats", "oipModelVersionStatistics", "counts and durations of one version"],
]);

const repository = under(oipTag, [
  ["POST", "/v2/repository/index", "oipIndex", "every version that is known, and its state"],
  ["POST", "/v2/repository/models/{model}/load", "oipLoad", "loads a model, again where it is loaded"],
  ["POST", "/v2/repository/models/{model}/unload", "oipUnload", "takes a model out of service"],
]);

const tfserving = under("TensorFlow Serving REST", [
  ["GET", "/v1/models", "tfModels", "the models' names"],
  ["GET", "/v1/models/{model}", "tfStatus", "the state of each version"],
  ["GET", "/v1/models/{model}/versions/{version}", "tfStatusVersion", "the state of one version"],
  ["GET", "/v1/models/{model}/labels/{label}", "tfStatusLabel", "the state of the version that has the label"],
  ["GET", "/v1/models/{model}/metadata", "tfMetadata", "names, types and shapes of its raw tensors"],
  ["GET", "/v1/models/{model}/versions/{version}/metadata", "tfMetadataVersion", "the same of one version"],
  ["GET", "/v1/models/{model}/labels/{label}/metadata", "tfMetadataLabel", "the same of the version that has the label"],
  ["POST", "/v1/models/{model}:predict", "tfPredict", "raw tensors by rows (instances) or by inputs"],
  ["POST", "/v1/models/{model}/versions/{version}:predict", "tfPredictVersion", "the same by one version"],
  ["POST", "/v1/models/{model}/labels/{label}:predict", "tfPredictLabel", "the same by the version that has the label"],
]);
