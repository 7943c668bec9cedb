/** The element types a tensor can have, as ONNX Runtime's JavaScript API spells them. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bool"
  | "string";

/** The array that holds each dtype's elements. float16 is raw IEEE 754 bits in a Uint16Array; bool is 0 or 1 in a Uint8Array. */
export interface DTypeData {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
  string: string[];
}

/** Any array that a tensor can hold. */
export type TensorData = DTypeData[DType];

/** A tensor of one dtype: row-major `data` of `dims`. */
export interface TensorOf<D extends DType> {
  readonly type: D;
  /** Row-major elements; its length is the product of `dims`. */
  readonly data: DTypeData[D];
  readonly dims: readonly number[];
}

/** A tensor of any dtype, discriminated by `type`. */
export type Tensor = { [D in DType]: TensorOf<D> }[DType];

/**
 * Anything with `{ type, data, dims }`: our own {@link Tensor}, onnxruntime-common's `Tensor`, or a literal.
 * It is checked where it enters the SDK.
 */
export interface TensorLike {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}

/**
 * Tensors by input or output name. With names, `Tensors<"logits">`, those are known to be there, which a `decode` may say of the model it is written
 * for; without, each is possibly undefined under TypeScript's `noUncheckedIndexedAccess`.
 */
export type Tensors<Names extends string = string> = Readonly<Record<Names, Tensor>>;

/** Nested arrays of numbers, bigints, booleans or strings; the nesting gives the shape. The innermost ones may be typed arrays. */
export type NestedArray = number | bigint | boolean | string | NumericArray | readonly NestedArray[];

/** Any JavaScript typed array that can carry tensor elements. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** What a model without a definition takes for one input: a tensor, a typed array, or nested arrays. */
export type RawValue = TensorLike | NumericArray | NestedArray;

/** Inputs by name for a model without a definition. */
export type RawInputs = Readonly<Record<string, RawValue>>;
