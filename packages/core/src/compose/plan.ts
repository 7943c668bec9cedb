import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InputError } from "../errors/index.ts";
import type { AnyPredictor, Definition, Prediction, PredictOptions, PredictorEvent, Signature, TensorSpec } from "../types/index.ts";
import type { Call } from "./call.ts";
import type { Form } from "./wrapper.ts";

/**
 * A predictor as a member of a composition. Any `Predictor` is one; its input is compared strictly, so that a stage which asks for more than the one
 * before gives does not compile.
 */
export interface Member<Input, Output> extends Omit<AnyPredictor, "predict" | "predictMany" | "predictDetailed" | "definition"> {
  readonly predict: (input: Input, options?: PredictOptions) => Promise<Output>;
  readonly predictDetailed: (input: Input, options?: PredictOptions) => Promise<Prediction<Output>>;
}

/** What makes a composition the kind that it is. */
export interface Plan {
  readonly kind: "pipeline" | "ensemble" | "cascade";
  /** One for each stage; undefined where that is a function. */
  readonly stages: readonly (AnyPredictor | undefined)[];
  /** How many members must be ready for the whole to be. */
  readonly needed: number;
  /** Whether stages run at the same time. */
  readonly parallel: boolean;
  /** The definition at the end where inputs come in, and at the one where outputs go out. */
  readonly first: AnyPredictor | undefined;
  readonly last: AnyPredictor | undefined;
  /** What it takes and gives as tensors; nothing, where it takes or gives none. */
  signature(): Signature;
  /** Does the work of one call. Starts it before it returns. */
  answer(call: Call, value: unknown, form: Form, tell: (event: PredictorEvent) => void): Promise<unknown>;
}

/** Whether predictors make the same tensors of an input: they have the same `encode`, or none. */
export function shareEncode(members: readonly AnyPredictor[]): boolean {
  return members.every(({ definition }) => definition?.encode === members[0]?.definition?.encode);
}

/** The first one's tensors where all have the same, else none. */
export function shared(lists: readonly (readonly TensorSpec[])[]): readonly TensorSpec[] {
  const [first = [], ...others] = lists;
  const text = JSON.stringify(first);
  return others.every((list) => JSON.stringify(list) === text) ? first : [];
}

/** A composition that has no such tensors refuses them. */
export function noTensors(where: string, which: "takes" | "gives", why: string): InputError {
  return new InputError("INPUT_UNKNOWN", `${where} ${which} no tensors: ${why}`);
}

/** The ends of a composition, as its options describe them. */
export interface Ends {
  readonly name: string;
  readonly version: string;
  readonly input: StandardSchemaV1 | undefined;
  readonly output: StandardSchemaV1 | undefined;
  readonly example: unknown;
}

/** Takes anything: for an end that nobody has described. */
const anything: StandardSchemaV1 = { "~standard": { version: 1, vendor: "predikt", validate: (value) => ({ value }) } };

/**
 * The definition of the whole: its ends' own. Undefined where both are raw tensors, which the signature describes.
 */
export function defineEnds(
  { first, last }: Plan,
  { name, version, input, output, example }: Ends,
): Definition<unknown, unknown> | undefined {
  const raw = (end: AnyPredictor | undefined): boolean => end !== undefined && end.definition === undefined;
  if (raw(first) && raw(last) && input === undefined && output === undefined) return undefined;
  const encode = first?.definition?.encode as ((item: unknown, context: unknown) => never) | undefined;
  const decode = last?.definition?.decode;
  return {
    name,
    version,
    input: input ?? first?.definition?.input ?? anything,
    output: output ?? last?.definition?.output ?? anything,
    encode: (item: never) => (encode === undefined ? item : encode(item, first?.info)),
    decode: (rows) => (decode === undefined || last === undefined ? rows : decode(rows, last.info)),
    example: example ?? first?.definition?.example,
    jsonSchema: {
      input: input === undefined ? first?.definition?.jsonSchema?.input : undefined,
      output: output === undefined ? last?.definition?.jsonSchema?.output : undefined,
    },
  };
}
