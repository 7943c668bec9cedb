import type { AnyPredictor } from "../../types/index.ts";
import { factsOf } from "../facts.ts";
import type { NeutralReply } from "../neutral.ts";
import { binaryType, headers, jsonReply } from "../wire/index.ts";
import { headerLengthName, type NonFiniteJson, toFrame, writeTensors } from "../wire/oip/index.ts";
import type { OipTensor } from "./infer.ts";
import type { OipRequest } from "./read-request.ts";

/** What a reply is made of. */
export interface Answered {
  readonly model: string;
  readonly predictor: AnyPredictor;
  /** The predictor's version as a header can carry it. */
  readonly version: string;
  readonly requestId: string;
  readonly request: OipRequest;
  readonly outputs: readonly OipTensor[];
}

/** The reply of an infer request. Outputs are binary where the request asks for that, and all of it is JSON where none of them has a byte. */
export function oipReply(answered: Answered, nonFinite: NonFiniteJson): NeutralReply {
  const { model, predictor, version, requestId, request, outputs } = answered;
  const { id } = request;
  const entries = outputs.map(({ name, tensor }) => ({ name, tensor, binary: isBinary(request, name) }));
  const { json, parts } = writeTensors(entries, nonFinite);
  const echoed = id === undefined ? "" : `"id":${JSON.stringify(id)},`;
  const text = `{${echoed}"model_name":${JSON.stringify(model)},"model_version":${JSON.stringify(factsOf(predictor).version)},"outputs":${json}}`;
  const { body, headerLength } = toFrame(text, parts);
  const head: Record<string, string> = {
    "content-type": headerLength === undefined ? jsonReply : binaryType,
    [headers.requestId]: requestId,
    [headers.modelVersion]: version,
  };
  if (headerLength !== undefined) head[headerLengthName] = String(headerLength);
  return { status: 200, headers: head, body };
}

/** `binary_data` of an output goes before `binary_data_output` of the request. */
function isBinary({ allBinary, outputs, parameters }: OipRequest, name: string): boolean {
  if (allBinary) return true;
  const own = outputs?.find((output) => output.name === name)?.parameters?.["binary_data"];
  return (own ?? parameters?.["binary_data_output"]) === true;
}
