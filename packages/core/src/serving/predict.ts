import { InputError, type PrediktError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import { createCodec } from "../predictor/codec.ts";
import type { Definition, Prediction, PredictOptions, RawInputs, Tensor, TensorSpec, Timings } from "../types/index.ts";
import { toPrediktError } from "./error-reply.ts";
import type { NeutralReply, NeutralRequest } from "./neutral.ts";
import type { ResolvedLimits } from "./options.ts";
import { type Body, readBody, unsupported } from "./read-body.ts";
import type { AnyPredictor } from "./resolver.ts";
import { binaryType, headers, jsonReply, jsonType, readTensor, tensorBytes, toErrorBody, toJson } from "./wire/index.ts";

/** One predict request on its way: what it asks for and who answers. */
export interface PredictCall {
  readonly request: NeutralRequest;
  readonly predictor: AnyPredictor;
  readonly version: string;
  readonly options: PredictOptions;
  readonly limits: ResolvedLimits;
  readonly serverTiming: boolean;
  /** Tells those who watch of an item of a batch that failed. */
  readonly report: (error: PrediktError, requestId: string) => void;
}

/** Answers one item. */
export async function predictOne(call: PredictCall): Promise<NeutralReply> {
  const { request, predictor, options, limits } = call;
  const body = await readBody(request, limits);
  if (wantsBinary(request)) return rawReply(call, body);
  if (body.bytes === undefined && !call.serverTiming) return textReply(call, toJson(await predictor.predict(body.json, options)));
  const { output, timings } = await detailed(call, body);
  return textReply(call, toJson(output), timings);
}

/** Answers an array of items; each settles on its own. */
export async function predictBatch(call: PredictCall): Promise<NeutralReply> {
  const { request, predictor, options, limits } = call;
  const { json, bytes } = await readBody(request, limits);
  if (bytes !== undefined) throw unsupported("content-type", jsonType, binaryType);
  if (!Array.isArray(json)) throw mismatch("INPUT_DTYPE", "body", "an array of inputs", json === null ? "null" : typeof json);
  if (json.length > limits.batchItems) {
    const issue = { path: "body", expected: `at most ${limits.batchItems} items`, received: `${json.length}` };
    throw new InputError("INPUT_TOO_LARGE", `body: expected ${issue.expected}, got ${issue.received}`, {
      details: { limit: limits.batchItems, issues: [issue] },
    });
  }
  const settled = await predictor.predictMany(json, options);
  // Nobody reads the answers of a client that has gone.
  if (request.signal.aborted) throw request.signal.reason;
  return textReply(call, `[${settled.map((item) => itemText(item, call)).join(",")}]`);
}

/** One item's output can fail to become JSON; it then fails alone. */
function itemText(item: PromiseSettledResult<unknown>, { report, options }: PredictCall): string {
  let thrown: unknown;
  try {
    if (item.status === "fulfilled") return `{"output":${toJson(item.value)}}`;
    thrown = item.reason;
  } catch (cause) {
    thrown = cause;
  }
  const error = toPrediktError(thrown);
  report(error, options.requestId as string);
  return toJson(toErrorBody(error));
}

function detailed({ predictor, request, options }: PredictCall, body: Body): Promise<Prediction<unknown>> {
  if (body.bytes === undefined) return predictor.predictDetailed(body.json, options);
  const { feeds, owned } = feedsOf(predictor, request, body.bytes);
  return predictor.predictEncoded(feeds, owned ? { ...options, transfer: true } : options);
}

/** The single raw output tensor, without decode. */
async function rawReply(call: PredictCall, body: Body): Promise<NeutralReply> {
  const { predictor, request, options } = call;
  const { outputs } = predictor.info.signature;
  const [spec] = outputs;
  if (spec === undefined || outputs.length !== 1 || spec.dtype === "string") {
    throw unsupported("accept", `${jsonType}, since this model does not have one single numeric output`, binaryType);
  }
  const startedAt = performance.now();
  const given =
    body.bytes === undefined ? { feeds: await encode(predictor, body.json), owned: false } : feedsOf(predictor, request, body.bytes);
  const { timeoutMs } = options;
  const left = timeoutMs === undefined ? undefined : Math.max(1, timeoutMs - (performance.now() - startedAt));
  const tensors = await predictor.run(given.feeds, { ...options, timeoutMs: left, transfer: given.owned });
  const tensor = tensors[spec.name] as Tensor;
  return {
    status: 200,
    headers: {
      "content-type": binaryType,
      [headers.requestId]: options.requestId as string,
      [headers.modelVersion]: call.version,
      [headers.shape]: tensor.dims.join(","),
      [headers.dtype]: tensor.type,
    },
    body: tensorBytes(tensor) as Uint8Array,
  };
}

/** The predictor's own `encode`, which no method of it offers alone. */
async function encode({ definition, info }: AnyPredictor, input: unknown): Promise<RawInputs> {
  return definition === undefined ? (input as RawInputs) : createCodec(definition as Definition<never, unknown>, info, false).encode(input);
}

function feedsOf(predictor: AnyPredictor, request: NeutralRequest, bytes: Uint8Array): { feeds: RawInputs; owned: boolean } {
  const { inputs } = predictor.info.signature;
  const [spec] = inputs;
  if (spec === undefined || inputs.length !== 1)
    throw unsupported("content-type", `${jsonType}, since this model does not have one single input`, binaryType);
  assertDtype(request, spec);
  const { tensor, owned } = readTensor(bytes, spec, shapeOf(request));
  return { feeds: { [spec.name]: tensor }, owned };
}

function assertDtype(request: NeutralRequest, spec: TensorSpec): void {
  const dtype = request.header(headers.dtype);
  if (dtype === undefined || dtype === spec.dtype) return;
  throw mismatch("INPUT_DTYPE", spec.name, spec.dtype, "another dtype", `header "${headers.dtype}"`);
}

function shapeOf(request: NeutralRequest): readonly number[] | undefined {
  const text = request.header(headers.shape);
  if (text === undefined) return undefined;
  if (text.trim() === "") return [];
  const dims = text.split(",").map((dim) => (/^\s*\d{1,15}\s*$/.test(dim) ? Number(dim) : Number.NaN));
  if (dims.length <= 32 && dims.every(Number.isSafeInteger)) return dims;
  throw mismatch("INPUT_VALUE", headers.shape, "whole numbers joined by commas", "something else", `header "${headers.shape}"`);
}

/** Binary only where the client names it, and does not name JSON before it. */
function wantsBinary(request: NeutralRequest): boolean {
  const accept = request.header("accept");
  if (accept === undefined || accept === "*/*") return false;
  const binary = accept.indexOf(binaryType);
  if (binary < 0) return false;
  const json = accept.indexOf(jsonType);
  return json < 0 || binary < json;
}

function textReply(call: PredictCall, body: string, timings?: Timings): NeutralReply {
  const head: Record<string, string> = {
    "content-type": jsonReply,
    [headers.requestId]: call.options.requestId as string,
    [headers.modelVersion]: call.version,
  };
  if (timings !== undefined && call.serverTiming) head["server-timing"] = timingText(timings);
  return { status: 200, headers: head, body };
}

function timingText({ queueMs, encodeMs, runMs, decodeMs, totalMs }: Timings): string {
  const part = (name: string, ms: number): string => `${name};dur=${ms.toFixed(3)}`;
  return [part("queue", queueMs), part("encode", encodeMs), part("run", runMs), part("decode", decodeMs), part("total", totalMs)].join(
    ", ",
  );
}
