import { ModelError } from "../../errors/index.ts";
import { protocolError } from "../../http/send.ts";
import { dtypeOf } from "../../serving/wire/oip/index.ts";
import type { Dim, Signature, TensorSpec } from "../../types/index.ts";
import type { ModelChoice } from "../model-choice.ts";
import { objectOf } from "../reply-fault.ts";
import type { RemoteModel } from "../transport.ts";

/** What a server tells of itself that requests depend on. */
export interface ServerFacts {
  readonly name: string | undefined;
  readonly version: string | undefined;
  /** Whether it has the extension `binary_tensor_data`. */
  readonly binary: boolean;
}

/** Reads `GET /v2`. */
export function readServer({ name, version, extensions }: Readonly<Record<string, unknown>>): ServerFacts {
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return { name: text(name), version: text(version), binary: Array.isArray(extensions) && extensions.includes("binary_tensor_data") };
}

/**
 * Reads `GET /v2/models/{model}`.
 *
 * @throws RemoteError REMOTE_PROTOCOL, ModelError MODEL_UNSUPPORTED for a datatype that has no dtype here
 */
export function readModel(json: Readonly<Record<string, unknown>>, choice: ModelChoice, server: ServerFacts | undefined): RemoteModel {
  const { versions, platform, inputs, outputs } = json;
  const signature: Signature = { inputs: readSpecs(inputs, "inputs"), outputs: readSpecs(outputs, "outputs") };
  const only = Array.isArray(versions) && versions.length === 1 ? String(versions[0]) : undefined;
  const facts = { version: choice.version ?? only, platform, server: server?.name, serverVersion: server?.version };
  const told = Object.entries(facts).filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "");
  return { signature, metadata: { name: choice.name, ...Object.fromEntries(told) } };
}

function readSpecs(list: unknown, path: string): readonly TensorSpec[] {
  if (!Array.isArray(list)) throw protocolError(`a list of ${path}`, typeof list);
  return list.map((value, index) => {
    const { name, datatype, shape } = objectOf(value, `${path}[${index}]`);
    if (typeof name !== "string") throw protocolError(`a name for ${path}[${index}]`, typeof name);
    const dtype = dtypeOf(datatype);
    if (dtype === undefined)
      throw new ModelError(
        "MODEL_UNSUPPORTED",
        `${path}[${index}] "${name}" has the datatype ${JSON.stringify(datatype)}, which has no dtype here`,
      );
    if (!Array.isArray(shape)) throw protocolError(`a shape for ${path}[${index}]`, typeof shape);
    return { name, dtype, shape: shape.map((dim) => readDim(dim, `${path}[${index}].shape`)) };
  });
}

/** Every negative size is a free one: OIP's is −1. */
function readDim(value: unknown, path: string): Dim {
  if (!Number.isSafeInteger(value)) throw protocolError(`whole numbers in ${path}`, typeof value);
  return (value as number) < 0 ? "" : (value as number);
}
