/**
 * The messages of onnx.proto (ONNX 1.20) as the schema library reads them: 64-bit integers are bigints, bytes are views of the file. Only what
 * Predikt and its users work with is spelled out; fields that are not are kept all the same when a model is written again.
 */
export interface ModelProto {
  irVersion: bigint;
  opsetImport: OperatorSetId[];
  producerName: string;
  producerVersion: string;
  domain: string;
  modelVersion: bigint;
  docString: string;
  graph?: GraphProto;
  metadataProps: StringEntry[];
  trainingInfo: TrainingInfoProto[];
  functions: FunctionProto[];
}

/** A version of an operator domain; `""` is `ai.onnx`. */
export interface OperatorSetId {
  domain: string;
  version: bigint;
}

/** A key and its value. */
export interface StringEntry {
  key: string;
  value: string;
}

/** A computation: nodes in topological order. */
export interface GraphProto {
  name: string;
  node: NodeProto[];
  initializer: TensorProto[];
  sparseInitializer: SparseTensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  valueInfo: ValueInfoProto[];
  docString: string;
}

/** One operator. An input `""` is an optional one that is left out. */
export interface NodeProto {
  input: string[];
  output: string[];
  name: string;
  opType: string;
  domain: string;
  /** Tells functions of one name and domain apart. */
  overload: string;
  attribute: AttributeProto[];
}

/** An attribute of a node; `type` says which field holds it (AttributeProto.AttributeType). */
export interface AttributeProto {
  name: string;
  /** In a function: the attribute of the calling node that gives the value. */
  refAttrName: string;
  type: number;
  f: number;
  i: bigint;
  s: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  sparseTensor?: SparseTensorProto;
  floats: number[];
  ints: bigint[];
  strings: Uint8Array[];
  tensors: TensorProto[];
  graphs: GraphProto[];
  sparseTensors: SparseTensorProto[];
}

/** A tensor in the file: its elements in `rawData` (little-endian), in one of the typed lists, or in another file. */
export interface TensorProto {
  dims: bigint[];
  dataType: number;
  name: string;
  rawData: Uint8Array;
  floatData: number[];
  int32Data: number[];
  stringData: Uint8Array[];
  int64Data: bigint[];
  doubleData: number[];
  uint64Data: bigint[];
  externalData: StringEntry[];
  /** 1 where the elements lie in another file. */
  dataLocation: number;
}

/** A tensor of which only the elements that are not zero are in the file, and their places. */
export interface SparseTensorProto {
  /** Its name is the sparse tensor's. */
  values?: TensorProto;
  indices?: TensorProto;
  /** Of the tensor with its zeros. */
  dims: bigint[];
}

/** The name and type of an input, output or intermediate value. */
export interface ValueInfoProto {
  name: string;
  type?: TypeProto;
}

/** A type. Predikt runs tensors; sequences, maps, optionals and sparse tensors are read, and refused. */
export interface TypeProto {
  value:
    | { case: "tensorType"; value: { elemType: number; shape?: { dim: DimensionProto[] } } }
    | { case: "sequenceType" | "mapType" | "optionalType" | "sparseTensorType"; value: object }
    | { case: undefined; value?: undefined };
}

/** A dimension: a size, a name, or nothing known. */
export interface DimensionProto {
  value: { case: "dimValue"; value: bigint } | { case: "dimParam"; value: string } | { case: undefined; value?: undefined };
}

/** An operator that the model defines itself. */
export interface FunctionProto {
  name: string;
  domain: string;
  overload: string;
  input: string[];
  output: string[];
  /** Attributes that a call must give. */
  attribute: string[];
  /** Attributes that a call may leave out, and their values then. */
  attributeProto: AttributeProto[];
  node: NodeProto[];
  opsetImport: OperatorSetId[];
}

/** How a model is trained. Runtimes for prediction do not run it. */
export interface TrainingInfoProto {
  initialization?: GraphProto;
  algorithm?: GraphProto;
}
