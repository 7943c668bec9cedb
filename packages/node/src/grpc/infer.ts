import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Tensor } from "@predikt/core";
import {
  datatypeOf,
  dtypeOf,
  mismatch,
  type OipParameters,
  type OipTensor,
  type RequestedOutput,
  readShape,
  tensorFromBinary,
  tensorToBinary,
} from "@predikt/core/serving";
import { haveContents, readContents, writeContents } from "./contents.ts";
import type { InferTensorContents, ModelInferRequest, ModelInferResponseSchema } from "./generated/inference_pb.ts";
import { readParameters } from "./parameters.ts";

/** What a ModelInferRequest asks. */
export interface InferAsk {
  readonly inputs: readonly OipTensor[];
  readonly outputs: readonly RequestedOutput[];
  readonly parameters: OipParameters | undefined;
  /** Whether the reply's tensors are raw: as the request's are, unless its parameter `binary_data_output` says otherwise. */
  readonly raw: boolean;
}

/** Reads a request. Tensors of raw contents are views of its bytes where their offset allows that, else copies. @throws InputError */
export function readAsk({ inputs, outputs, parameters: given, rawInputContents }: ModelInferRequest): InferAsk {
  const parameters = readParameters(given);
  const wish = parameters?.["binary_data_output"];
  return {
    inputs: readTensors(inputs, rawInputContents, "inputs"),
    outputs: outputs.map((output) => ({ name: output.name, parameters: readParameters(output.parameters) })),
    parameters,
    raw: typeof wish === "boolean" ? wish : rawInputContents.length > 0,
  };
}

/** A tensor of a message. */
export interface TensorMessage {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly bigint[];
  readonly contents?: InferTensorContents | undefined;
}

/**
 * Reads the tensors of a message, whose elements are all raw or all typed.
 *
 * @param path `inputs` or `outputs`, for errors.
 * @throws InputError INPUT_DTYPE, INPUT_SHAPE or INPUT_VALUE
 */
export function readTensors(list: readonly TensorMessage[], raw: readonly Uint8Array[], path: string): readonly OipTensor[] {
  if (raw.length > 0 && raw.length !== list.length)
    throw mismatch("INPUT_SHAPE", `raw_${path.slice(0, -1)}_contents`, `one for each of the ${list.length} ${path}`, `${raw.length}`);
  return list.map(({ name, datatype, shape, contents }, index) => {
    const at = `${path}[${index}]`;
    const dtype = dtypeOf(datatype);
    if (dtype === undefined)
      throw mismatch("INPUT_DTYPE", `${at}.datatype`, "a datatype such as FP32", datatype === "" ? "nothing" : "another one");
    const dims = readShape(shape.map(Number), `${at}.shape`);
    const bytes = raw[index];
    if (bytes === undefined) return { name, tensor: readContents(dtype, dims, contents, at) };
    if (contents !== undefined) throw mismatch("INPUT_VALUE", `${at}.contents`, "nothing beside raw contents", "contents");
    return { name, tensor: tensorFromBinary(dtype, dims, bytes, at) };
  });
}

/** A tensor's name, datatype and shape, as messages have them. */
export function describeTensor(name: string, { type, dims }: Tensor): { name: string; datatype: string; shape: bigint[] } {
  return { name, datatype: datatypeOf(type), shape: dims.map(BigInt) };
}

/** Outputs as a reply has them. Where one of them has no typed contents, all are raw. */
export function writeOutputs(
  outputs: readonly OipTensor[],
  raw: boolean,
): Pick<MessageInitShape<typeof ModelInferResponseSchema>, "outputs" | "rawOutputContents"> {
  if (raw || !haveContents(outputs.map(({ tensor }) => tensor))) {
    return {
      outputs: outputs.map(({ name, tensor }) => describeTensor(name, tensor)),
      rawOutputContents: outputs.map(({ tensor }) => tensorToBinary(tensor)),
    };
  }
  return { outputs: outputs.map(({ name, tensor }) => ({ ...describeTensor(name, tensor), contents: writeContents(tensor) })) };
}
