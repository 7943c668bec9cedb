export { tensorFromBinary, tensorToBinary } from "./binary.ts";
export { type Datatype, datatypeOf, dtypeOf } from "./datatypes.ts";
export { elementsFromJson, tensorFromJson } from "./elements.ts";
export { BinaryParts, type Frame, headerLengthName, readHeaderLength, toFrame } from "./frame.ts";
export { type OipParameters, type ReadEntry, readObject, readParameters, readShape, readTensors } from "./read-tensors.ts";
export { packStrings, unpackStrings } from "./strings.ts";
export { dataToJson, type NonFiniteJson, type WriteEntry, type WrittenTensors, withNonFinite, writeTensors } from "./write-tensors.ts";
