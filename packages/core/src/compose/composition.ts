import type { Job } from "../batching/job.ts";
import { validateInput, validateOutput } from "../model/validate.ts";
import { unbatched } from "../predictor/options.ts";
import { uuid } from "../predictor/uuid.ts";
import type {
  AnyPredictor,
  Definition,
  MemberStats,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorInfo,
  PredictorStats,
  StagePrediction,
} from "../types/index.ts";
import { Call, type Tally, timingsOf } from "./call.ts";
import { type ComposeOptions, checkCall, checkCompose } from "./options.ts";
import { defineEnds, type Ends, type Plan } from "./plan.ts";
import { type Request, type Told, Wrapper } from "./wrapper.ts";

/** Several predictors as one. */
export class Composition extends Wrapper<Call> implements Predictor<never, unknown> {
  readonly definition: Definition<never, unknown> | undefined;
  protected readonly where: string;
  protected readonly members: readonly AnyPredictor[];
  readonly #plan: Plan;
  readonly #ends: Ends;
  readonly #tallies: readonly Tally[];

  constructor(plan: Plan, options: ComposeOptions<never, never>) {
    checkCompose(options);
    super(options);
    const { name = plan.kind, version = "1", input, output, example } = options;
    this.#plan = plan;
    this.#ends = { name, version, input, output, example };
    this.#tallies = plan.stages.map(() => ({ calls: 0, failed: 0 }));
    this.where = `${plan.kind} "${name}"`;
    this.members = plan.stages.filter((stage) => stage !== undefined);
    this.definition = defineEnds(plan, this.#ends) as Definition<never, unknown> | undefined;
  }

  get info(): PredictorInfo {
    const infos = this.members.map((member) => member.info);
    const sizes = infos.map((info) => info.modelBytes);
    const { name, version } = this.#ends;
    const each = (key: "device" | "execution"): string => [...new Set(infos.map((info) => info[key]))].join("+");
    return {
      name,
      version,
      digest: undefined,
      backend: this.#plan.kind,
      device: each("device"),
      skipped: infos.flatMap((info) => info.skipped),
      execution: each("execution"),
      signature: this.#plan.signature(),
      metadata: {},
      modelBytes: sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size as number), 0),
      batching: { ...unbatched, reason: "its members batch" },
      state: this.#stateOf(infos),
      details: { members: infos.map(summarise) },
    };
  }

  stats(): PredictorStats {
    const calls = this.#tallies.reduce((sum, tally) => sum + tally.calls, 0);
    const members = this.#plan.stages.flatMap((member, stage) => (member === undefined ? [] : [this.#statsOf(member, stage)]));
    return { ...this.counts, runs: calls, rows: calls, isolations: 0, members };
  }

  on(type: string, listener: (event: never) => void): () => void {
    return this.listen(type, listener);
  }

  protected check(given: PredictOptions, limitMs: number | undefined): PredictOptions {
    return checkCall(given, this.#ends, limitMs);
  }

  protected open(): Call {
    return new Call(this.where, this.#tallies);
  }

  protected async answer(job: Job, call: Call, { form, value, detailed }: Request): Promise<unknown> {
    call.job = job;
    const { signal } = job.options;
    job.onGone = () => call.stop.fire(signal?.aborted === true ? signal.reason : undefined);
    const { input, output } = this.#ends;
    const valid = input === undefined || form.given === "tensors" ? value : await validateInput(input, value);
    const answer = await this.#plan.answer(call, valid, form, (event) => this.events.emit(event));
    const checked = output === undefined || form.wanted === "tensors" ? answer : await validateOutput(output, answer);
    return detailed ? this.#detail(call, checked) : checked;
  }

  protected tell(job: Job, { stages }: Call): Told {
    const timings = timingsOf(stages, this.#plan.parallel, this.clock.now() - job.calledAt);
    return { timings, batchSize: Math.max(0, ...this.#answered(stages).map((stage) => stage.batchSize)) };
  }

  /** Those whose work is in the answer. */
  #answered(stages: readonly StagePrediction[]): readonly StagePrediction[] {
    return this.#plan.kind === "cascade" ? stages.slice(-1) : stages.filter((stage) => stage.code === undefined);
  }

  #detail(call: Call, output: unknown): Prediction<unknown> {
    const { name, version } = this.#ends;
    const { job, stages: done } = call;
    const stages = [...done].sort((a, b) => a.stage - b.stage);
    const device = [...new Set(this.#answered(stages).map((stage) => stage.device))].join("+");
    const id = job.options.requestId ?? uuid();
    return { output, id, model: { name, version, digest: undefined }, device, ...this.tell(job, call), stages };
  }

  #statsOf({ info: { name, version } }: AnyPredictor, stage: number): MemberStats {
    return { name, version, ...(this.#tallies[stage] as Tally) };
  }

  /** Ready where enough members are; else what most of all keeps it from being so. */
  #stateOf(infos: readonly PredictorInfo[]): PredictorInfo["state"] {
    const behind = infos.filter(({ state }) => state !== "ready");
    if (this.state !== "ready" || infos.length - behind.length >= this.#plan.needed) return this.state;
    return behind.some(({ state }) => state === "closed") ? "closed" : "draining";
  }
}

function summarise({ name, version, digest, backend, device, state, details: { externalDigest, members } }: PredictorInfo): object {
  const known = Object.entries({ externalDigest, members }).filter(([, value]) => value !== undefined);
  return { name, version, digest, backend, device, state, ...Object.fromEntries(known) };
}
