export { mismatch } from "../errors/mismatch.ts";
export { checkTimeout } from "../predictor/options.ts";
export type { AnyPredictor, Lease, ModelResolver, ModelSelector, ServedModel, VersionStatus } from "../types/index.ts";
export type { AccessHook, AccessRequest, Caller, Leave, RequestSize } from "./access.ts";
export { allOf, anyOf, bearerToken, requireScopes, unauthenticated } from "./access-hooks.ts";
export { decided } from "./admission.ts";
export type { CorsOptions } from "./cors.ts";
export { drainingError } from "./draining.ts";
export { toPrediktError } from "./error-reply.ts";
export { type Facts, factsOf } from "./facts.ts";
export { type FetchHandler, toFetchHandler } from "./fetch-handler.ts";
export { createHandler, type Handler } from "./handler.ts";
export { InFlight } from "./in-flight.ts";
export { type IsolationOptions, isolationHeaders } from "./isolation-headers.ts";
export type { JsonSchema } from "./json-schema.ts";
export {
  type ConcurrencyOptions,
  checkLimits,
  isCounted,
  type LimitKey,
  type LimitOptions,
  limitConcurrency,
  limitKeyOf,
  limitRate,
  neverFits,
  type Rate,
  type RateOptions,
  rateLimited,
} from "./limits.ts";
export type { RequestJobs } from "./monitor/follow-jobs.ts";
export type { Logger } from "./monitor/logger.ts";
export type { MetricsSource } from "./monitor/metrics.ts";
export { createObserver, type Observation, type Observer } from "./monitor/observe.ts";
export { outcomeOf, type PredictionOutcome } from "./monitor/outcome.ts";
export type { TracedCall, TracedRequest, Tracing } from "./monitor/tracing.ts";
export { watchModels } from "./monitor/watch-models.ts";
export type { NeutralReply, NeutralRequest } from "./neutral.ts";
export { inferOip, type OipInference, type OipTensor, type RequestedOutput } from "./oip/infer.ts";
export type { OipModelMetadata, OipTensorMetadata } from "./oip/metadata.ts";
export { createOipService, type OipServerMetadata, type OipService } from "./oip/service.ts";
export type { BatchStatistics, ModelStatistics, StatisticDuration } from "./oip/statistics.ts";
export type { HandlerLimits, HandlerOptions, ReplyEvent, WireProtocol } from "./options.ts";
export { type OptionSource, predictOptions, requestIdOf } from "./predict-options.ts";
export type { Operation } from "./protocol.ts";
export { toResolver } from "./resolver.ts";
export {
  bodyIncomplete,
  bodyNotUtf8,
  bodyTooLarge,
  type ErrorBody,
  fromErrorBody,
  headers as headerNames,
  isErrorBody,
  toErrorBody,
  toJson,
} from "./wire/index.ts";
export {
  type Datatype,
  datatypeOf,
  dtypeOf,
  elementsFromJson,
  type NonFiniteJson,
  type OipParameters,
  readShape,
  tensorFromBinary,
  tensorToBinary,
} from "./wire/oip/index.ts";
