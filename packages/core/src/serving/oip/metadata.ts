import type { AnyPredictor, ServedModel, TensorSpec } from "../../types/index.ts";
import { factsOf } from "../facts.ts";
import { type Datatype, datatypeOf } from "../wire/oip/index.ts";

/** An input or output as OIP's metadata has it. */
export interface OipTensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  /** −1 where a dimension is free. A model that does not even tell their number has one. */
  readonly shape: readonly number[];
}

/** A model as OIP's metadata has it. */
export interface OipModelMetadata {
  readonly name: string;
  /** All versions of that name, those that answer by default first. */
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly OipTensorMetadata[];
  readonly outputs: readonly OipTensorMetadata[];
}

/** A model's metadata: of one version, or of the one that answers by default. */
export function modelMetadata(name: string, predictor: AnyPredictor, served: readonly ServedModel[]): OipModelMetadata {
  const { inputs, outputs } = factsOf(predictor).signature;
  const versions = served.filter((model) => model.name === name).map((model) => model.version);
  return { name, versions, platform: "onnx_onnxv1", inputs: inputs.map(tensorMetadata), outputs: outputs.map(tensorMetadata) };
}

function tensorMetadata({ name, dtype, shape, unranked }: TensorSpec): OipTensorMetadata {
  return { name, datatype: datatypeOf(dtype), shape: unranked ? [-1] : shape.map((dim) => (typeof dim === "number" ? dim : -1)) };
}
