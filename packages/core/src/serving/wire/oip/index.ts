export { tensorFromBinary, tensorToBinary } from "./binary.ts";
export { type Datatype, datatypeOf, dtypeOf } from "./datatypes.ts";
export { elementsFromJson } from "./elements.ts";
export { BinaryParts, type Frame, headerLengthName, readHeaderLength, toFrame } from "./frame.ts";
export { type OipParameters, type ReadEntry, readObject, readParameters, readShape, readTensors } from "./read-tensors.ts";
export { dataToJson, type NonFiniteJson, type WriteEntry, withNonFinite, writeTensors } from "./write-tensors.ts";
