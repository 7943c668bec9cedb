import { must } from "../tensor/index.ts";
import type { AnyPredictor, Predictor } from "../types/index.ts";
import type { Call } from "./call.ts";
import { Composition } from "./composition.ts";
import { type ComposeOptions, isPredictor, notPredictor } from "./options.ts";
import { type Member, noTensors, type Plan } from "./plan.ts";
import type { Form } from "./wrapper.ts";

/** What a function between two stages is told. */
export interface StageContext<Input> {
  /** What the whole pipeline was given. */
  readonly input: Input;
}

/** One stage: a predictor, or a function that makes of one stage's output the next one's input. */
export type Stage<Given, Wanted, Input> =
  | Member<Given, Wanted>
  | ((value: Given, context: StageContext<Input>) => Wanted | Promise<Wanted>);

/** Options of `pipeline`. */
export interface PipelineOptions<Input, Output> extends ComposeOptions<Input, Output> {}

type Options<A, Z> = PipelineOptions<NoInfer<A>, NoInfer<Z>>;

/**
 * Predictors one after another as one predictor: the output of each is the input of the next. A function among them maps, and is told the whole's
 * input: `pipeline([detector, ({ boxes }, { input }) => crop(input, boxes), recogniser])`. Up to eight stages.
 *
 * `timeoutMs` and `signal` are the whole's: each stage gets what is left. An error names its stage in its message and `details.stage`; what a later
 * stage refuses as its input is DEFINITION_FAILED, since the caller cannot help it. `predictDetailed` tells of every stage in `stages`.
 *
 * It has the definition's input of its first stage and the output of its last; where a function stands there, say `input`, `output` and `example`. It takes
 * tensors (`predictEncoded`, `run`) where the first stage is a predictor that is raw or no function follows, and gives tensors where the last is a predictor.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function pipeline<A, Z>(stages: readonly [Stage<A, Z, A>], options?: Options<A, Z>): Predictor<A, Z>;
export function pipeline<A, B, Z>(stages: readonly [Stage<A, B, A>, Stage<B, Z, A>], options?: Options<A, Z>): Predictor<A, Z>;
export function pipeline<A, B, C, Z>(
  stages: readonly [Stage<A, B, A>, Stage<B, C, A>, Stage<C, Z, A>],
  options?: Options<A, Z>,
): Predictor<A, Z>;
export function pipeline<A, B, C, D, Z>(
  stages: readonly [Stage<A, B, A>, Stage<B, C, A>, Stage<C, D, A>, Stage<D, Z, A>],
  options?: Options<A, Z>,
): Predictor<A, Z>;
export function pipeline<A, B, C, D, E, Z>(
  stages: readonly [Stage<A, B, A>, Stage<B, C, A>, Stage<C, D, A>, Stage<D, E, A>, Stage<E, Z, A>],
  options?: Options<A, Z>,
): Predictor<A, Z>;
export function pipeline<A, B, C, D, E, F, Z>(
  stages: readonly [Stage<A, B, A>, Stage<B, C, A>, Stage<C, D, A>, Stage<D, E, A>, Stage<E, F, A>, Stage<F, Z, A>],
  options?: Options<A, Z>,
): Predictor<A, Z>;
export function pipeline<A, B, C, D, E, F, G, Z>(
  stages: readonly [Stage<A, B, A>, Stage<B, C, A>, Stage<C, D, A>, Stage<D, E, A>, Stage<E, F, A>, Stage<F, G, A>, Stage<G, Z, A>],
  options?: Options<A, Z>,
): Predictor<A, Z>;
export function pipeline<A, B, C, D, E, F, G, H, Z>(
  stages: readonly [
    Stage<A, B, A>,
    Stage<B, C, A>,
    Stage<C, D, A>,
    Stage<D, E, A>,
    Stage<E, F, A>,
    Stage<F, G, A>,
    Stage<G, H, A>,
    Stage<H, Z, A>,
  ],
  options?: Options<A, Z>,
): Predictor<A, Z>;
export function pipeline(stages: readonly unknown[], given: object = {}): never {
  const options = given as ComposeOptions<never, never>;
  must(Array.isArray(stages) && stages.length > 0, "stages", "a list of predictors and functions", stages);
  for (const [index, stage] of stages.entries())
    if (typeof stage !== "function" && !isPredictor(stage)) throw notPredictor(`stages[${index}]`, stage, "a predictor or a function");
  const steps = stages as readonly Step[];
  must(steps.some(isPredictor), "stages", "at least one predictor", stages);
  return new Composition(new PipelinePlan(steps, options.name ?? "pipeline"), options) as never;
}

type Mapping = (value: unknown, context: StageContext<unknown>) => unknown;
type Step = AnyPredictor | Mapping;

class PipelinePlan implements Plan {
  readonly kind = "pipeline";
  readonly parallel = false;
  readonly stages: readonly (AnyPredictor | undefined)[];
  readonly needed: number;
  readonly first: AnyPredictor | undefined;
  readonly last: AnyPredictor | undefined;
  readonly #steps: readonly Step[];
  readonly #where: string;

  constructor(steps: readonly Step[], name: string) {
    this.#steps = steps;
    this.#where = `pipeline "${name}"`;
    this.stages = steps.map((step) => (isPredictor(step) ? step : undefined));
    this.needed = this.stages.filter((stage) => stage !== undefined).length;
    this.first = this.stages[0];
    this.last = this.stages.at(-1);
  }

  signature() {
    const takes = this.#refusal("tensors") === undefined;
    return {
      inputs: takes ? (this.first?.info.signature.inputs ?? []) : [],
      outputs: takes ? (this.last?.info.signature.outputs ?? []) : [],
    };
  }

  async answer(call: Call, input: unknown, form: Form): Promise<unknown> {
    const refusal = form.given === "tensors" ? this.#refusal(form.wanted) : undefined;
    if (refusal !== undefined) throw refusal;
    const end = this.#steps.length - 1;
    let value = input;
    for (const [stage, step] of this.#steps.entries()) {
      if (call.job.done) throw call.stop.reason;
      const given = stage === 0 ? form.given : "input";
      const wanted = stage === end ? form.wanted : "output";
      const callers = stage === 0;
      if (isPredictor(step)) value = await call.ask(stage, step, value, { given, wanted }, callers, callers && call.job.options.transfer);
      else {
        const from = value;
        value = await call.map(stage, "function", () => step(from, { input }));
      }
    }
    return value;
  }

  /** Why tensors cannot come in, or go out. */
  #refusal(wanted: Form["wanted"]): Error | undefined {
    const { first, last } = this;
    if (first === undefined) return noTensors(this.#where, "takes", "its first stage is a function");
    // A function is told the input, which is not there where tensors came in its place.
    if (first.definition !== undefined && this.stages.includes(undefined))
      return noTensors(this.#where, "takes", "its functions are told its input");
    return wanted === "tensors" && last === undefined ? noTensors(this.#where, "gives", "its last stage is a function") : undefined;
  }
}
