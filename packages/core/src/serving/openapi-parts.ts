import { errorTable } from "../errors/index.ts";
import type { JsonSchema } from "./json-schema.ts";
import { headers, jsonType } from "./wire/index.ts";

const issueSchema: JsonSchema = {
  type: "object",
  properties: { path: { type: "string" }, expected: { type: "string" }, received: { type: "string" }, message: { type: "string" } },
  required: ["path", "expected", "received"],
};

/** An error body. */
export const errorSchema: JsonSchema = {
  type: "object",
  properties: {
    error: { type: "string", description: "For people" },
    code: { type: "string", enum: Object.keys(errorTable), description: "For programs" },
    issues: { type: "array", items: issueSchema },
    details: { type: "object" },
  },
  required: ["error", "code"],
};

const parameter = (name: string, description: string, schema: object): object => ({
  name,
  in: "header",
  required: false,
  description,
  schema,
});

/** Headers that every prediction takes, by their key in the components. */
export const parameters: Record<string, object> = {
  requestId: parameter(headers.requestId, "Name of this request in logs and replies: visible ASCII; anything else is replaced", {
    type: "string",
    maxLength: 128,
  }),
  timeoutMs: parameter(headers.timeoutMs, "Milliseconds until 504 DEADLINE_EXCEEDED", { type: "number", exclusiveMinimum: 0 }),
  priority: parameter(headers.priority, "Which requests run first", { type: "string", enum: ["high", "normal", "low"], default: "normal" }),
  routingKey: parameter(headers.routingKey, "Keeps one user on one side of a traffic split", { type: "string", maxLength: 256 }),
};

/** Headers of a binary body. */
export const binaryParameters: Record<string, object> = {
  shape: parameter(headers.shape, "Dims of a binary body, joined by commas. Default: the model's own, where they can mean one thing only", {
    type: "string",
    pattern: "^[0-9]+(,[0-9]+)*$",
  }),
  dtype: parameter(headers.dtype, "Element type of a binary body, to have it checked. Default: the model's own", { type: "string" }),
};

/** References to parameters. */
export function refsOf(which: Readonly<Record<string, object>>): readonly object[] {
  return Object.keys(which).map((key) => ({ $ref: `#/components/parameters/${key}` }));
}

/** Headers of a prediction. */
export const replyHeaders: object = {
  [headers.requestId]: { description: "The request's id", schema: { type: "string" } },
  [headers.modelVersion]: { description: "The version that answered", schema: { type: "string" } },
};

const statuses = [400, 401, 403, 404, 405, 413, 415, 429, 500, 502, 503, 504] as const;

/** One response for each status that has codes, by its key in the components. */
export const errorResponses: Record<string, object> = Object.fromEntries(
  statuses.map((status) => {
    const codes = Object.entries(errorTable).filter(([, row]) => row.status === status);
    return [
      `E${status}`,
      { description: codes.map(([code]) => code).join(", "), content: { [jsonType]: { schema: { $ref: "#/components/schemas/Error" } } } },
    ];
  }),
);

/** The same as references, by status. */
export const errorRefs: Record<string, object> = Object.fromEntries(
  statuses.map((status) => [status, { $ref: `#/components/responses/E${status}` }]),
);

const getting = (operationId: string, summary: string, extra: object = {}): object => ({
  get: {
    operationId,
    tags: ["service"],
    summary,
    ...extra,
    responses: { 200: { description: "As asked", content: { [jsonType]: { schema: { type: "object" } } } }, ...pick(404), ...pick(503) },
  },
});

function pick(status: (typeof statuses)[number]): Record<string, object> {
  return { [status]: errorRefs[status] as object };
}

const modelParameter = { parameters: [{ name: "model", in: "path", required: true, schema: { type: "string" } }] };

/** The routes that belong to no model. */
export const servicePaths: Record<string, object> = {
  "/models": getting("listModels", "The models served here"),
  "/models/{model}": getting("describeModel", "One model: signature, schemas, device, counters", modelParameter),
  "/models/{model}/example": getting("modelExample", "A valid input of the model", modelParameter),
  "/health/live": getting("healthLive", "The process answers"),
  "/health/ready": getting("healthReady", "Every model is warm and nothing is being drained"),
};
