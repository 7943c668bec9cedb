import type { TensorSpec, VersionStatus } from "../../types/index.ts";
import type { Facts } from "../facts.ts";
import { tfTypeOf } from "../wire/tfserving/index.ts";

/** A model's metadata, as the JSON form of TensorFlow Serving's `GetModelMetadataResponse`. */
export function tfMetadata(model: string, { version, signature }: Facts): object {
  const serving = {
    inputs: toTensorInfos(signature.inputs),
    outputs: toTensorInfos(signature.outputs),
    method_name: "tensorflow/serving/predict",
  };
  return {
    model_spec: { name: model, signature_name: "", version },
    metadata: { signature_def: { signature_def: { serving_default: serving } } },
  };
}

function toTensorInfos(specs: readonly TensorSpec[]): object {
  return Object.fromEntries(specs.map((spec) => [spec.name, toTensorInfo(spec)]));
}

function toTensorInfo({ name, dtype, shape, unranked }: TensorSpec): object {
  const dim = unranked ? [] : shape.map((size) => ({ size: String(typeof size === "number" ? size : -1), name: "" }));
  return { dtype: tfTypeOf(dtype), tensor_shape: { dim, unknown_rank: unranked === true }, name };
}

const states = new Map([
  ["READY", "AVAILABLE"],
  ["LOADING", "LOADING"],
  ["UNLOADING", "UNLOADING"],
  ["UNAVAILABLE", "END"],
]);

/** The versions of a model and their states, as TensorFlow Serving tells them. */
export function tfStatus(entries: readonly VersionStatus[]): object {
  return {
    model_version_status: entries.map(({ version, state, reason }) => ({
      version,
      state: states.get(state) ?? "START",
      status: {
        error_code: state === "UNAVAILABLE" && reason !== "" && reason !== "unloaded" ? "UNKNOWN" : "OK",
        error_message: state === "UNAVAILABLE" && reason !== "unloaded" ? reason : "",
      },
    })),
  };
}
