import type { DType } from "./tensor.ts";

/** A dimension: a fixed size, or the name of a free one (`""` where the model gives it no name). */
export type Dim = number | string;

/** One named input or output of a model. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  /** Row-major shape, batch axis first by convention. A string is a free dimension. */
  readonly shape: readonly Dim[];
  /** Set where the model does not even say how many dimensions there are: any shape is taken. */
  readonly unranked?: true | undefined;
}

/** What a model takes and gives. */
export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** The model file's own `metadata_props`. */
export type ModelMetadata = Readonly<Record<string, string>>;
