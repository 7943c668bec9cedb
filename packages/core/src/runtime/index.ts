export { reviveError } from "../errors/revive.ts";
export { completedSignature, type FileSignature, nothingOpened } from "./opened.ts";
export {
  anything,
  boolean,
  callable,
  checkRules,
  isObject,
  isString,
  limit,
  oneOf,
  plainData,
  type Rule,
  type Rules,
  recordOf,
  strings,
  whole,
} from "./option-rules.ts";
export { fromRuntimeTensors, type RuntimeTensorConstructor, type RuntimeValue, runtimeOutput, toRuntimeTensors } from "./tensors.ts";
export { isFatal, openError, runError } from "./translate-error.ts";
