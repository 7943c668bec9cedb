import { must, mustBeNumber, mustBeWhole } from "../tensor/index.ts";
import type { AnyPredictor, Predictor, PredictorEvent, Signature } from "../types/index.ts";
import type { Call } from "./call.ts";
import { Composition } from "./composition.ts";
import { type Label, type Reader, vote } from "./labels.ts";
import { mean } from "./mean.ts";
import { type ComposeOptions, checkMembers } from "./options.ts";
import { type Member, noTensors, type Plan, shared, shareEncode } from "./plan.ts";
import type { Form } from "./wrapper.ts";

/** What a function that combines is told beside the outputs. */
export interface CombineContext {
  /** Which member gave each output, by its place in the list. */
  readonly members: readonly number[];
  /** The weight of each. */
  readonly weights: readonly number[];
}

/** Makes one output of those that the members gave, in their order. */
export type Combine<Output, Combined> = (outputs: readonly Output[], context: CombineContext) => Combined | Promise<Combined>;

/** Options of `ensemble`. */
export interface EnsembleOptions<Input, Output, Combined> extends ComposeOptions<Input, Combined> {
  /**
   * `"mean"`: part by part over numbers, arrays, float arrays and float tensors; what has no mean (strings, booleans, integer arrays and tensors) must be the
   * same in all. `"vote"`: the output of the first member whose label most members gave. Or a function of all outputs.
   */
  readonly combine: "mean" | "vote" | Combine<Output, Combined>;
  /** What is voted on: a field, or a function of the output; a string, number, bigint, boolean, or a tensor of one. Default: the output itself. */
  readonly field?: Reader<Output, Label> | undefined;
  /** How much each member counts, above 0. Default: 1 each. */
  readonly weights?: readonly number[] | undefined;
  /**
   * How many members must answer. Where fewer still can, the call fails at once with the first failure, and the others are stopped; a failure beside enough answers is
   * a `stage-failed` event and stands in `stages`. From 1 to the number of members. Default: all of them.
   */
  readonly quorum?: number | undefined;
}

interface Chosen<Input, Output> extends EnsembleOptions<Input, Output, Output> {
  readonly combine: "mean" | "vote";
}

interface Computed<Input, Output, Combined> extends EnsembleOptions<Input, Output, Combined> {
  readonly combine: Combine<Output, Combined>;
}

/**
 * Predictors of one input, asked at the same time, as one predictor.
 *
 * `timeoutMs` and `signal` are the whole's and reach every member. An error names the member in its message and `details.stage`. `predictDetailed` tells of
 * every member in `stages`; its timings are those of the slowest.
 *
 * It has the definition of its first member; with a function that combines, say `output`. Where all members have the same `encode`, or none, it takes
 * tensors; it gives tensors where they have none, or for the mean.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function ensemble<Input, Output>(
  members: readonly Member<Input, Output>[],
  options: Chosen<NoInfer<Input>, NoInfer<Output>>,
): Predictor<Input, Output>;
export function ensemble<Input, Output, Combined>(
  members: readonly Member<Input, Output>[],
  options: Computed<NoInfer<Input>, NoInfer<Output>, Combined>,
): Predictor<Input, Combined>;
export function ensemble(members: readonly unknown[], given: object): never {
  const options = given as EnsembleOptions<never, never, never>;
  checkMembers("members", members, 1);
  must(typeof options === "object" && options !== null, "options", "an object: { combine }", options);
  return new Composition(new EnsemblePlan(members as readonly AnyPredictor[], options), options) as never;
}

interface Answer {
  readonly stage: number;
  readonly output: unknown;
}

class EnsemblePlan implements Plan {
  readonly kind = "ensemble";
  readonly parallel = true;
  readonly stages: readonly AnyPredictor[];
  readonly needed: number;
  readonly first: AnyPredictor | undefined;
  readonly last: AnyPredictor | undefined;
  readonly #combine: "mean" | "vote" | Combine<never, unknown>;
  readonly #field: string | ((output: never) => unknown) | undefined;
  readonly #weights: readonly number[];
  readonly #where: string;

  constructor(members: readonly AnyPredictor[], options: EnsembleOptions<never, never, unknown>) {
    const { combine, field, weights = members.map(() => 1), quorum = members.length, name = "ensemble" } = options;
    must(combine === "mean" || combine === "vote" || typeof combine === "function", "combine", '"mean", "vote" or a function', combine);
    const fits = ["undefined", "string", "function"].includes(typeof field) && (field === undefined || combine === "vote");
    must(fits, "field", 'with combine "vote", a name or a function', field);
    must(Array.isArray(weights) && weights.length === members.length, "weights", "one for each member", weights);
    for (const [index, weight] of weights.entries()) mustBeNumber(`weights[${index}]`, weight, Number.MIN_VALUE);
    mustBeWhole("quorum", quorum, 1, members.length);
    this.stages = members;
    this.needed = quorum;
    this.first = members[0];
    // What a function makes is described by no member.
    this.last = typeof combine === "function" ? undefined : members[0];
    this.#combine = combine;
    this.#field = field;
    this.#weights = weights;
    this.#where = `ensemble "${name}"`;
  }

  signature(): Signature {
    const signatures = this.stages.map((member) => member.info.signature);
    const list = (side: "inputs" | "outputs") => shared(signatures.map((signature) => signature[side]));
    return {
      inputs: this.#refusal("output") === undefined ? list("inputs") : [],
      outputs: this.#refusal("tensors") === undefined ? list("outputs") : [],
    };
  }

  async answer(call: Call, value: unknown, form: Form, tell: (event: PredictorEvent) => void): Promise<unknown> {
    const refusal = form.given === "tensors" ? this.#refusal(form.wanted) : undefined;
    if (refusal !== undefined) throw refusal;
    const answers = await this.#ask(call, value, form, tell);
    const members = answers.map(({ stage }) => stage);
    const outputs = answers.map(({ output }) => output);
    const weights = members.map((stage) => this.#weights[stage] as number);
    return call.combine(() => {
      if (this.#combine === "mean") return mean(outputs, weights);
      if (this.#combine === "vote") return vote(outputs, weights, this.#field);
      return this.#combine(outputs as never, { members, weights });
    });
  }

  /** What the members answered, in their order. Rejects as soon as too few still can. */
  #ask(call: Call, value: unknown, form: Form, tell: (event: PredictorEvent) => void): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    const failures: unknown[] = [];
    const total = this.stages.length;
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        if (answers.length + failures.length === total) resolve(answers.sort((a, b) => a.stage - b.stage));
      };
      for (const [stage, member] of this.stages.entries()) {
        call.ask(stage, member, value, form, true).then(
          (output) => {
            answers.push({ stage, output });
            settled();
          },
          (error: unknown) => {
            failures.push(error);
            if (call.job.done || total - failures.length < this.needed) {
              reject(failures[0]);
              return;
            }
            tell({ type: "stage-failed", id: call.job.options.requestId, stage, code: call.goOn(stage, member, error) });
            settled();
          },
        );
      }
    });
  }

  /** Why tensors cannot come in, or go out. */
  #refusal(wanted: Form["wanted"]): Error | undefined {
    if (!shareEncode(this.stages)) return noTensors(this.#where, "takes", "its members make different ones of an input");
    const typed = this.first?.definition !== undefined;
    return wanted === "tensors" && typed && this.#combine !== "mean"
      ? noTensors(this.#where, "gives", "its outputs are combined after they were decoded")
      : undefined;
  }
}
