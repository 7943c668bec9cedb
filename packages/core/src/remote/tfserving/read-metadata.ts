import { ModelError } from "../../errors/index.ts";
import { protocolError } from "../../http/send.ts";
import { tfDtypeOf } from "../../serving/wire/tfserving/index.ts";
import type { Dim, TensorSpec } from "../../types/index.ts";
import type { ModelChoice } from "../model-choice.ts";
import { objectOf } from "../reply-fault.ts";
import type { RemoteModel } from "../transport.ts";

/**
 * Reads `GET /v1/models/{model}/metadata`: the JSON form of TensorFlow's protobuf messages, in which 64-bit integers are strings and what has its default
 * value may be missing.
 *
 * @throws RemoteError REMOTE_PROTOCOL; ModelError MODEL_NOT_FOUND for a signature that the model lacks, MODEL_UNSUPPORTED for a type that has no dtype here
 */
export function readModel(json: Readonly<Record<string, unknown>>, choice: ModelChoice, signatureName: string): RemoteModel {
  const { model_spec: spec, metadata } = json;
  const { signature_def: outer } = objectOf(metadata, "metadata");
  const definitions = objectOf(objectOf(outer, "signature_def")["signature_def"], "signature_def.signature_def");
  if (!Object.hasOwn(definitions, signatureName)) {
    const known = Object.keys(definitions).slice(0, 20).join(", ");
    throw new ModelError("MODEL_NOT_FOUND", `model "${choice.name}" has no signature "${signatureName}"; it has ${known}`);
  }
  const { inputs, outputs } = objectOf(definitions[signatureName], signatureName);
  const { version } = objectOf(spec ?? {}, "model_spec");
  return {
    signature: { inputs: readSpecs(inputs, "inputs"), outputs: readSpecs(outputs, "outputs") },
    metadata: { name: choice.name, ...(version === undefined ? {} : { version: String(version) }) },
  };
}

function readSpecs(all: unknown, path: string): readonly TensorSpec[] {
  return Object.entries(objectOf(all ?? {}, path)).map(([name, value]) => {
    const { dtype: given, tensor_shape: shape } = objectOf(value, `${path}.${name}`);
    const dtype = tfDtypeOf(given);
    if (dtype === undefined)
      throw new ModelError("MODEL_UNSUPPORTED", `${path} "${name}" has the type ${JSON.stringify(given)}, which has no dtype here`);
    const { dim = [], unknown_rank: unranked } = objectOf(shape ?? {}, `${path}.${name}.tensor_shape`);
    if (unranked === true) return { name, dtype, shape: [], unranked };
    if (!Array.isArray(dim)) throw protocolError(`a list of dimensions for ${path}.${name}`, typeof dim);
    return { name, dtype, shape: dim.map((each) => readDim(objectOf(each, `a dimension of ${path}.${name}`))) };
  });
}

function readDim({ size = 0, name }: Readonly<Record<string, unknown>>): Dim {
  const value = Number(size);
  if (!Number.isSafeInteger(value)) throw protocolError("whole numbers for dimensions", typeof size);
  if (value >= 0) return value;
  return typeof name === "string" ? name : "";
}
