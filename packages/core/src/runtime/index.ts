export { reviveError } from "../errors/revive.ts";
export { Circuit } from "./circuit.ts";
export type { DefinitionCalls } from "./definition-calls.ts";
export { definitionElsewhere, type Elsewhere } from "./definition-elsewhere.ts";
export { completedSignature, type FileSignature, nothingOpened } from "./opened.ts";
export {
  boolean,
  callable,
  checkRules,
  isObject,
  isString,
  oneOf,
  plainData,
  type Rule,
  type Rules,
  recordOf,
  whole,
} from "./option-rules.ts";
export type { CallMap, Port } from "./port.ts";
export { type CallHooks, PortClient, type TurnOptions, type WorkerPort } from "./port-client.ts";
export { type AnswerOptions, answerCalls, type CallContext, type Handlers } from "./port-server.ts";
export { assertDigest, checkSha256, deviceList } from "./request.ts";
export { type Comparison, type Place, PlaceLost, type RevivingOptions, RevivingSession } from "./reviving-session.ts";
export { coreOptions, downloadOptions, duration, limitOptions } from "./shared-options.ts";
export { fromRuntimeTensors, type RuntimeTensorConstructor, type RuntimeValue, runtimeOutput, toRuntimeTensors } from "./tensors.ts";
export { isFatal, openError, runError } from "./translate-error.ts";
export { Turns } from "./turns.ts";
export { untilAborted } from "./until-aborted.ts";
