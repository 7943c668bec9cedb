import { DefinitionError, isPrediktError } from "../errors/index.ts";
import { describe, must, mustBeNumber, mustBeOneOf } from "../tensor/index.ts";
import type { AnyPredictor, Predictor, PredictorEvent, Signature } from "../types/index.ts";
import type { Call } from "./call.ts";
import { Composition } from "./composition.ts";
import { type Reader, readField, scalarOf } from "./labels.ts";
import { type ComposeOptions, checkMembers } from "./options.ts";
import { type Member, noTensors, type Plan, shared, shareEncode } from "./plan.ts";
import type { Form } from "./wrapper.ts";

/** Options of `cascade`. */
export interface CascadeOptions<Input, Output> extends ComposeOptions<Input, Output> {
  /** The next member is asked where the confidence is below this; one number for all members but the last, or one for each of them. */
  readonly escalateBelow: number | readonly number[];
  /** Where an output's confidence stands: a field, or a function of the output. NaN counts as none at all. Default: the field `confidence`. */
  readonly confidence?: Reader<Output, number> | undefined;
  /**
   * What follows where a member fails that is not the last: the call fails, or the next one is asked and a `stage-failed` event tells. A refused input always
   * fails. Default: `"fail"`.
   */
  readonly onFailure?: "fail" | "escalate" | undefined;
}

/**
 * Predictors of one input, the cheapest first, as one predictor: where a member is not confident enough, the next one is asked.
 *
 * `predictDetailed` tells those that were asked in `stages`, of which the last answered; `device` and `batchSize` are that one's, and `stage-escalated` is an
 * event. `timeoutMs` and `signal` are the whole's: each member gets what is left. An error names the member in its message and `details.stage`.
 *
 * It has the definition of its first member. Where all members have the same `encode`, or none, it takes tensors; it gives tensors where they have none.
 *
 * @throws ConfigError CONFIG_INVALID; a call rejects with DefinitionError OUTPUT_INVALID where an output has no confidence.
 */
export function cascade<Input, Output>(
  members: readonly Member<Input, Output>[],
  options: CascadeOptions<NoInfer<Input>, NoInfer<Output>>,
): Predictor<Input, Output> {
  checkMembers("members", members, 2);
  must(typeof options === "object" && options !== null, "options", "an object: { escalateBelow }", options);
  const plan = new CascadePlan(
    members as readonly unknown[] as readonly AnyPredictor[],
    options as unknown as CascadeOptions<never, never>,
  );
  return new Composition(plan, options as unknown as ComposeOptions<never, never>) as never;
}

class CascadePlan implements Plan {
  readonly kind = "cascade";
  readonly parallel = false;
  readonly stages: readonly AnyPredictor[];
  readonly needed: number;
  readonly first: AnyPredictor | undefined;
  readonly last: AnyPredictor | undefined;
  readonly #limits: readonly number[];
  readonly #confidence: string | ((output: never) => unknown);
  readonly #escalates: boolean;
  readonly #where: string;

  constructor(members: readonly AnyPredictor[], options: CascadeOptions<never, never>) {
    const { escalateBelow, confidence = "confidence", onFailure = "fail", name = "cascade" } = options;
    const limits = typeof escalateBelow === "number" ? members.slice(1).map(() => escalateBelow) : escalateBelow;
    must(
      Array.isArray(limits) && limits.length === members.length - 1,
      "escalateBelow",
      "a number, or one for each member but the last",
      limits,
    );
    for (const limit of limits) mustBeNumber("escalateBelow", limit);
    must(typeof confidence === "string" || typeof confidence === "function", "confidence", "a name or a function", confidence);
    mustBeOneOf(["fail", "escalate"], "onFailure", onFailure);
    this.stages = members;
    this.needed = members.length;
    this.first = members[0];
    this.last = members[0];
    this.#limits = limits;
    this.#confidence = confidence;
    this.#escalates = onFailure === "escalate";
    this.#where = `cascade "${name}"`;
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
    const id = call.job.options.requestId;
    const end = this.stages.length - 1;
    for (const [stage, member] of this.stages.entries()) {
      const settled = await this.#ask(call, stage, member, value, form);
      if ("error" in settled) {
        tell({ type: "stage-failed", id, stage, code: call.goOn(stage, member, settled.error) });
        continue;
      }
      const { output } = settled;
      if (stage === end || !(await call.map(stage, "confidence", () => this.#isBelow(output, stage)))) return output;
      tell({ type: "stage-escalated", id, from: stage, to: stage + 1 });
    }
    throw new Error("unreachable");
  }

  /** What a member gave, or why the next one is asked instead. */
  async #ask(
    call: Call,
    stage: number,
    member: AnyPredictor,
    value: unknown,
    form: Form,
  ): Promise<{ readonly output: unknown } | { readonly error: unknown }> {
    try {
      return { output: await call.ask(stage, member, value, form, true) };
    } catch (error) {
      const refused = isPrediktError(error) && error.name === "InputError";
      if (stage === this.stages.length - 1 || !this.#escalates || refused || call.job.done) throw error;
      return { error };
    }
  }

  #isBelow(output: unknown, stage: number): boolean {
    const found = readField(output, this.#confidence);
    const confidence = scalarOf(found);
    if (typeof confidence !== "number") {
      const what = typeof this.#confidence === "string" ? `field "${this.#confidence}"` : "confidence";
      throw new DefinitionError("OUTPUT_INVALID", `${what}: expected a number, got ${describe(found)}`);
    }
    // NaN is below everything.
    return !(confidence >= (this.#limits[stage] as number));
  }

  /** Why tensors cannot come in, or go out. */
  #refusal(wanted: Form["wanted"]): Error | undefined {
    if (!shareEncode(this.stages)) return noTensors(this.#where, "takes", "its members make different ones of an input");
    return wanted === "tensors" && this.first?.definition !== undefined
      ? noTensors(this.#where, "gives", "the confidence is read off decoded outputs")
      : undefined;
  }
}
