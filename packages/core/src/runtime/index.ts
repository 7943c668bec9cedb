export { completedSignature, type FileSignature, nothingOpened } from "./opened.ts";
export { fromRuntimeTensors, type RuntimeTensorConstructor, type RuntimeValue, runtimeOutput, toRuntimeTensors } from "./tensors.ts";
export { isFatal, openError, runError } from "./translate-error.ts";
