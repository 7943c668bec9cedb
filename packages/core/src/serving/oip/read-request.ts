import { InputError } from "../../errors/index.ts";
import { mismatch } from "../../errors/mismatch.ts";
import { describe, dtypeInfo } from "../../tensor/index.ts";
import type { AnyPredictor, TensorSpec } from "../../types/index.ts";
import { factsOf } from "../facts.ts";
import type { NeutralRequest } from "../neutral.ts";
import type { ResolvedLimits } from "../options.ts";
import { readJson, readPieces } from "../read-body.ts";
import { bodyTooLarge, decodeText, parseTolerantJson, readTensor } from "../wire/index.ts";
import {
  BinaryParts,
  headerLengthName,
  type OipParameters,
  readHeaderLength,
  readObject,
  readParameters,
  readTensors,
} from "../wire/oip/index.ts";
import type { OipTensor, RequestedOutput } from "./infer.ts";

/** An infer request as it stands in its body. */
export interface OipRequest {
  /** Undefined where it has none. */
  readonly id: string | undefined;
  readonly parameters: OipParameters | undefined;
  readonly inputs: readonly OipTensor[];
  readonly outputs: readonly RequestedOutput[] | undefined;
  /** Whether every output shall be binary, whatever is said of it. */
  readonly allBinary: boolean;
}

/**
 * Reads an infer request: JSON; JSON with binary tensors behind it; or, where the header says that no byte is JSON, the one input's bytes alone. Content
 * types are not looked at, as Triton has it.
 *
 * @throws InputError
 */
export async function readOipRequest(request: NeutralRequest, predictor: AnyPredictor, limits: ResolvedLimits): Promise<OipRequest> {
  const { lossless } = factsOf(predictor);
  const parse = (text: string): unknown => parseTolerantJson(text, lossless);
  const length = request.header(headerLengthName);
  if (length === undefined) return toRequest(await readJson(request, limits.jsonBytes, parse), new BinaryParts([]));
  const body = new BinaryParts(await readPieces(request, limits.binaryBytes));
  const headerLength = readHeaderLength(length, body.left);
  if (headerLength === 0) return rawRequest(body.take(body.left, "body"), predictor);
  if (headerLength > limits.jsonBytes) throw bodyTooLarge(limits.jsonBytes);
  return toRequest(parse(decodeText(body.take(headerLength, "body"))), body);
}

function toRequest(json: unknown, binary: BinaryParts): OipRequest {
  const body = readObject(json, "body");
  const { id } = body;
  if (id !== undefined && typeof id !== "string") throw mismatch("INPUT_DTYPE", "id", "a string", describe(id));
  return {
    // Triton takes an empty one for none.
    id: id === "" ? undefined : id,
    parameters: body["parameters"] === undefined ? undefined : readParameters(body, "parameters"),
    outputs: readRequested(body["outputs"]),
    inputs: readTensors(body["inputs"], binary, "inputs"),
    allBinary: false,
  };
}

function readRequested(outputs: unknown): readonly RequestedOutput[] | undefined {
  if (outputs === undefined || outputs === null) return undefined;
  if (!Array.isArray(outputs)) throw mismatch("INPUT_DTYPE", "outputs", "a list", describe(outputs));
  return outputs.map((value, index) => {
    const path = `outputs[${index}]`;
    const output = readObject(value, path);
    const { name } = output;
    if (typeof name !== "string") throw mismatch("INPUT_DTYPE", `${path}.name`, "a string", describe(name));
    return { name, parameters: readParameters(output, `${path}.parameters`) };
  });
}

/** The whole body is the model's only input. Of several free dimensions the first is 1; text is one element, without a length before it. */
function rawRequest(bytes: Uint8Array, predictor: AnyPredictor): OipRequest {
  const { inputs } = factsOf(predictor).signature;
  const [spec] = inputs;
  if (spec === undefined || inputs.length !== 1)
    throw new InputError("BODY_INVALID", `body: expected JSON, since a raw body stands for one input and this model has ${inputs.length}`);
  return {
    id: undefined,
    parameters: undefined,
    outputs: undefined,
    allBinary: true,
    inputs: [{ name: spec.name, tensor: rawTensor(bytes, spec) }],
  };
}

function rawTensor(bytes: Uint8Array, spec: TensorSpec): OipTensor["tensor"] {
  const { shape } = spec;
  if (dtypeInfo(spec.dtype).kind === "string") {
    return { type: "string", data: [decodeText(bytes)], dims: shape.map((dim) => (typeof dim === "number" ? dim : 1)) };
  }
  const free = shape.filter((dim) => typeof dim === "string").length;
  return readTensor(bytes, free > 1 && typeof shape[0] === "string" ? { ...spec, shape: [1, ...shape.slice(1)] } : spec, undefined).tensor;
}
