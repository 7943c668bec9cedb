export { checkTimeout } from "../predictor/options.ts";
export { drainingError } from "./draining.ts";
export { type FetchHandler, toFetchHandler } from "./fetch-handler.ts";
export { createHandler, type Handler } from "./handler.ts";
export type { JsonSchema } from "./json-schema.ts";
export type { NeutralReply, NeutralRequest } from "./neutral.ts";
export type { HandlerLimits, HandlerOptions, ReplyEvent } from "./options.ts";
export type { AnyPredictor, ModelResolver, ModelSelector, ServedModel } from "./resolver.ts";
export { bodyIncomplete, bodyNotUtf8, bodyTooLarge } from "./wire/index.ts";
