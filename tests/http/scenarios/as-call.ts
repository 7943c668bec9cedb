import { isPrediktError, type PredictOptions, type Priority } from "@predikt/core";
import type { AnyPredictor } from "@predikt/core/serving";
import type { Scenario } from "./scenario.ts";

/** A scenario as a client's call. */
export interface Call {
  /** The model's name; undefined for the server's default. */
  readonly model: string | undefined;
  /** Makes the call and gives its outcome in the form of the scenario's reply. */
  readonly make: (predictor: AnyPredictor) => Promise<Outcome>;
}

/** What a call came to: a reply's status, body and headers, as far as a client is told of them. */
export interface Outcome {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const route = /^\/api\/predict(?:\/([^/?]+)(?:\/(version|label)s\/([^/?]+))?(\/batch)?)?$/;
/** Headers that are predict options; one that a client refuses to send is no call. */
const optionOf: Readonly<Record<string, (value: string) => PredictOptions | undefined>> = {
  "x-request-id": (requestId) => (/^[\x21-\x7e]+$/.test(requestId) ? { requestId } : undefined),
  "x-predikt-timeout-ms": (text) => (Number(text) > 0 ? { timeoutMs: Number(text) } : undefined),
  "x-predikt-priority": (priority) => ({ priority: priority as Priority }),
  "x-predikt-routing-key": (routingKey) => ({ routingKey }),
};

/** The scenario as a call of `httpPredictor`: its JSON predictions, whose path and headers a client's options can say. Else undefined. */
export function asCall({ ask, status }: Scenario): Call | undefined {
  const { path, body, method, headers = {}, chunked } = ask;
  const found = route.exec(path);
  const isJson = body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array);
  if (found === null || !isJson || method !== undefined || chunked === true) return undefined;
  const parts = Object.entries(headers).map(([name, value]) => (name === "content-type" ? {} : optionOf[name]?.(value)));
  if (parts.includes(undefined)) return undefined;
  const [, model, by, value, batch] = found;
  const options: PredictOptions = Object.assign({}, by === undefined ? {} : { [by]: value }, ...parts);
  if (batch === undefined) return { model, make: (predictor) => one(predictor, body, options) };
  // What is no batch, or too large for one, a client does not send as one.
  if (!Array.isArray(body) || status !== 200) return undefined;
  return { model, make: (predictor) => many(predictor, body, options) };
}

async function one(predictor: AnyPredictor, input: unknown, options: PredictOptions): Promise<Outcome> {
  try {
    const { output, id, model } = await predictor.predictDetailed(input, options);
    return { status: 200, body: plain(output), headers: { "x-request-id": id, "x-predikt-model-version": model.version } };
  } catch (error) {
    if (!isPrediktError(error)) throw error;
    return { status: error.status, body: failureBody(error), headers: {} };
  }
}

async function many(predictor: AnyPredictor, inputs: readonly unknown[], options: PredictOptions): Promise<Outcome> {
  const settled = await predictor.predictMany(inputs, options);
  const body = settled.map((each) => (each.status === "fulfilled" ? { output: plain(each.value) } : failureBody(each.reason)));
  return { status: 200, body, headers: {} };
}

/** An error in the form in which a server sends it. */
function failureBody(error: unknown): object {
  if (!isPrediktError(error)) throw error;
  const { issues, ...details } = error.details;
  return {
    error: error.message,
    code: error.code,
    ...(issues === undefined ? {} : { issues }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}

/** An output as its JSON was. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<unknown>, plain);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
