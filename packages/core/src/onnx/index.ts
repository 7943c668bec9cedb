export { type AttributeValue, attributeOf, float } from "./attribute.ts";
export { externalInitializer, type GraphOptions, graph, initializer, type ModelOptions, model, node, value } from "./build.ts";
export { type CheckedModel, type CheckLimits, checkModel } from "./check.ts";
export { type ExternalTensor, externalBytes, extractExternalData, inlineExternalData } from "./external-data.ts";
export { type InspectedNode, type Inspection, inspectModel, type UnsupportedValue } from "./inspect.ts";
export type {
  AttributeProto,
  DimensionProto,
  FunctionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  OperatorSetId,
  SparseTensorProto,
  StringEntry,
  TensorProto,
  TrainingInfoProto,
  TypeProto,
  ValueInfoProto,
} from "./proto.ts";
export { readModel, writeModel } from "./read-model.ts";
export { fromTensorProto, toTensorProto } from "./tensor-proto.ts";
