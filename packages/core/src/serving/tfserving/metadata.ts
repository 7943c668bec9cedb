import type { DType, TensorSpec, VersionStatus } from "../../types/index.ts";
import type { Facts } from "../facts.ts";

const types: { readonly [D in DType]: string } = {
  float32: "DT_FLOAT",
  float64: "DT_DOUBLE",
  float16: "DT_HALF",
  int8: "DT_INT8",
  uint8: "DT_UINT8",
  int16: "DT_INT16",
  uint16: "DT_UINT16",
  int32: "DT_INT32",
  uint32: "DT_UINT32",
  int64: "DT_INT64",
  uint64: "DT_UINT64",
  bool: "DT_BOOL",
  string: "DT_STRING",
};

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
  return { dtype: types[dtype], tensor_shape: { dim, unknown_rank: unranked === true }, name };
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
