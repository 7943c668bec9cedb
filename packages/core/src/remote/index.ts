export type { HeaderCall, HeaderSource, HttpOptions } from "../http/link.ts";
export type { ModelChoice } from "./model-choice.ts";
export { callParameters } from "./oip/infer-body.ts";
export { readModel as readOipModel } from "./oip/read-metadata.ts";
export { type CircuitOptions, checkFleetOptions, type FleetOptions, type ProbeOptions, type RemoteOptions } from "./options.ts";
export { remote } from "./remote.ts";
export { replyFault } from "./reply-fault.ts";
export { type Answer, type InferCall, isRefusal, type Refusal, type RemoteModel, type Transport, type TransportCall } from "./transport.ts";
export { type RemoteBackend, type RemoteSource, type TransportProtocol, transportBackend } from "./transport-backend.ts";
