import { InputError, type PrediktError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import { createCodec } from "../predictor/codec.ts";
import type { AnyPredictor, Definition, Prediction, PredictOptions, RawInputs, Tensor, Timings } from "../types/index.ts";
import { wantsBinary } from "./accept.ts";
import { errorText, toPrediktError } from "./error-reply.ts";
import type { NeutralReply, NeutralRequest } from "./neutral.ts";
import type { ResolvedLimits } from "./options.ts";
import type { RouteCall } from "./protocol.ts";
import { feedsOf } from "./raw-input.ts";
import { type Body, readBody, unsupported } from "./read-body.ts";
import { rowsOf } from "./rows-of.ts";
import { asAsked, optionsNow } from "./time-left.ts";
import { binaryType, headers, jsonReply, jsonType, tensorBytes, toJson } from "./wire/index.ts";

/** One predict request on its way: what it asks for and who answers. */
export interface PredictCall {
  readonly request: NeutralRequest;
  readonly predictor: AnyPredictor;
  readonly version: string;
  /** As the request has them: `timeoutMs` counts from {@link arrivedAt}. */
  readonly options: PredictOptions;
  /** When the request came, where time counts. */
  readonly arrivedAt: number;
  readonly limits: ResolvedLimits;
  readonly serverTiming: boolean;
  /** Tells those who watch of an item of a batch that failed. */
  readonly report: (error: PrediktError, requestId: string) => void;
  readonly weigh?: RouteCall["weigh"];
}

/** Answers one item. */
export async function predictOne(call: PredictCall): Promise<NeutralReply> {
  const { request, predictor, limits } = call;
  const body = await readBody(request, limits);
  if (call.weigh !== undefined) await call.weigh(rowsOf(predictor, request, body));
  try {
    if (wantsBinary(request.header("accept"))) return await rawReply(call, body);
    if (body.bytes === undefined && !call.serverTiming)
      return textReply(call, toJson(await predictor.predict(body.json, optionsNow(call))));
    const prediction = await detailed(call, body);
    return textReply(call, toJson(prediction.output), prediction.timings, prediction);
  } catch (thrown) {
    throw asAsked(thrown, call);
  }
}

/** Answers an array of items; each settles on its own. */
export async function predictBatch(call: PredictCall): Promise<NeutralReply> {
  const { request, predictor, limits } = call;
  const { json, bytes } = await readBody(request, limits);
  if (bytes !== undefined) throw unsupported("content-type", jsonType, binaryType);
  if (!Array.isArray(json)) throw mismatch("INPUT_DTYPE", "body", "an array of inputs", json === null ? "null" : typeof json);
  if (json.length > limits.batchItems) {
    const issue = { path: "body", expected: `at most ${limits.batchItems} items`, received: `${json.length}` };
    throw new InputError("INPUT_TOO_LARGE", `body: expected ${issue.expected}, got ${issue.received}`, {
      details: { limit: limits.batchItems, issues: [issue] },
    });
  }
  if (call.weigh !== undefined) await call.weigh(json.length);
  const startedAt = performance.now();
  const settled = await predictor.predictMany(json, optionsNow(call));
  const totalMs = performance.now() - startedAt;
  // Nobody reads the answers of a client that has gone.
  if (request.signal.aborted) throw request.signal.reason;
  return textReply(call, `[${settled.map((item) => itemText(item, call)).join(",")}]`, { totalMs });
}

/** One item's output can fail to become JSON; it then fails alone. */
function itemText(item: PromiseSettledResult<unknown>, call: PredictCall): string {
  let thrown: unknown;
  try {
    if (item.status === "fulfilled") return `{"output":${toJson(item.value)}}`;
    thrown = item.reason;
  } catch (cause) {
    thrown = cause;
  }
  const error = toPrediktError(asAsked(thrown, call));
  call.report(error, call.options.requestId as string);
  return errorText(error);
}

function detailed(call: PredictCall, body: Body): Promise<Prediction<unknown>> {
  const { predictor, request, limits } = call;
  if (body.bytes === undefined) return predictor.predictDetailed(body.json, optionsNow(call));
  const { feeds, owned } = feedsOf(predictor, request, body.bytes, limits.binaryBytes);
  const options = optionsNow(call);
  return predictor.predictEncoded(feeds, owned ? { ...options, transfer: true } : options);
}

/** The single raw output tensor, without decode. */
async function rawReply(call: PredictCall, body: Body): Promise<NeutralReply> {
  const { predictor, request, options, limits } = call;
  const { outputs } = predictor.info.signature;
  const [spec] = outputs;
  if (spec === undefined || outputs.length !== 1 || spec.dtype === "string") {
    throw unsupported("accept", `${jsonType}, since this model does not have one single numeric output`, binaryType);
  }
  const startedAt = performance.now();
  const given =
    body.bytes === undefined
      ? { feeds: await encode(predictor, body.json), owned: true }
      : feedsOf(predictor, request, body.bytes, limits.binaryBytes);
  const tensors = await predictor.run(given.feeds, { ...optionsNow(call), transfer: given.owned });
  const tensor = tensors[spec.name] as Tensor;
  const head: Record<string, string> = {
    "content-type": binaryType,
    [headers.requestId]: options.requestId as string,
    [headers.modelVersion]: call.version,
    [headers.shape]: tensor.dims.join(","),
    [headers.dtype]: tensor.type,
  };
  if (call.serverTiming) head["server-timing"] = timingText({ totalMs: performance.now() - startedAt });
  return { status: 200, headers: head, body: tensorBytes(tensor) as Uint8Array };
}

/** The predictor's own `encode`, which no method of it offers alone. */
async function encode({ definition, info }: AnyPredictor, input: unknown): Promise<RawInputs> {
  return definition === undefined ? (input as RawInputs) : createCodec(definition as Definition<never, unknown>, info, false).encode(input);
}

function textReply(call: PredictCall, body: string, timings?: Partial<Timings>, prediction?: Prediction<unknown>): NeutralReply {
  const head: Record<string, string> = {
    "content-type": jsonReply,
    [headers.requestId]: call.options.requestId as string,
    [headers.modelVersion]: call.version,
  };
  if (timings !== undefined && call.serverTiming) head["server-timing"] = [timingText(timings), ...partsText(prediction)].join(", ");
  return { status: 200, headers: head, body };
}

function timingText({ queueMs, encodeMs, runMs, decodeMs, totalMs }: Partial<Timings>): string {
  return Object.entries({ queue: queueMs, encode: encodeMs, run: runMs, decode: decodeMs, total: totalMs })
    .filter(([, ms]) => ms !== undefined)
    .map(([name, ms]) => `${name};dur=${(ms as number).toFixed(3)}`)
    .join(", ");
}

/** Whether a cache answered, and what each member of a composition took. */
function partsText({ fromCache, stages = [] }: Partial<Prediction<unknown>> = {}): string[] {
  const parts = stages.map(({ stage, model, timings }) => {
    const name = model.name.replace(/[^\w.-]/g, "_");
    return `stage-${stage};desc="${name}";dur=${timings.totalMs.toFixed(3)}`;
  });
  return fromCache ? ["cache;desc=hit", ...parts] : parts;
}
