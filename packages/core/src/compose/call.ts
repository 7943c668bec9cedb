import type { Job } from "../batching/job.ts";
import { isPrediktError } from "../errors/index.ts";
import { createCodec } from "../predictor/codec.ts";
import type { AnyPredictor, ModelIdentity, PredictOptions, RawInputs, StagePrediction, Timings } from "../types/index.ts";
import { stageError } from "./stage-error.ts";
import { Stop } from "./stop.ts";
import type { Form } from "./wrapper.ts";

/** What the caller of a member counts. */
export interface Tally {
  calls: number;
  failed: number;
}

/** One call of a composition on its way through its members. */
export class Call {
  /** Fires when the call has settled, however: whoever still works for it may stop. */
  readonly stop: Stop = new Stop();
  readonly stages: StagePrediction[] = [];
  /** Set as soon as there is one. */
  job!: Job;
  readonly #where: string;
  readonly #tallies: readonly Tally[];

  /** @param where The composition, for messages. */
  constructor(where: string, tallies: readonly Tally[]) {
    this.#where = where;
    this.#tallies = tallies;
  }

  /**
   * Asks a member, with what is left of the time. Starts it before it returns.
   *
   * @param callers Whether the value is the caller's own.
   * @throws PrediktError that names the stage
   */
  async ask(stage: number, member: AnyPredictor, value: unknown, form: Form, callers: boolean, transfer = false): Promise<unknown> {
    const { owner, options, deadlineAt } = this.job;
    const startedAt = owner.clock.now();
    const timeoutMs = deadlineAt === Infinity ? undefined : deadlineAt - startedAt;
    if (timeoutMs !== undefined && timeoutMs <= 0) this.job.expire();
    if (this.job.done) throw this.stop.reason;
    const tally = this.#tallies[stage] as Tally;
    tally.calls++;
    const passed: PredictOptions = { ...options, signal: this.stop, timeoutMs, transfer, version: undefined, label: undefined };
    try {
      if (form.wanted === "tensors") {
        const feeds = form.given === "tensors" ? (value as RawInputs) : await encode(member, value);
        const tensors = await member.run(feeds, passed);
        const totalMs = owner.clock.now() - startedAt;
        const timings = { queueMs: 0, encodeMs: 0, runMs: totalMs, decodeMs: 0, totalMs };
        this.stages.push({ stage, model: identityOf(member), device: member.info.device, timings, batchSize: 0 });
        return tensors;
      }
      const prediction = await (form.given === "tensors"
        ? member.predictEncoded(value as RawInputs, passed)
        : member.predictDetailed(value, passed));
      const { model, device, timings, batchSize } = prediction;
      this.stages.push({ stage, model, device, timings, batchSize });
      return prediction.output;
    } catch (error) {
      if (this.job.done) throw error;
      // The member was faster to notice that the whole's time is over.
      if (timeoutMs !== undefined && isPrediktError(error, "DEADLINE_EXCEEDED") && error.details["timeoutMs"] === timeoutMs)
        this.job.expire();
      tally.failed++;
      throw this.#named(stage, member.info.name, error, callers);
    }
  }

  /** Has a function of the application's work on a value. @throws PrediktError that names the stage */
  async map<T>(stage: number, what: string, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#named(stage, what, error, false);
    }
  }

  /** Has one output made of several. @throws PrediktError that names the composition */
  async combine<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw stageError(error, { where: `${this.#where}, combine`, callers: false });
    }
  }

  /** Notes that the composition goes on without a member. */
  goOn(stage: number, member: AnyPredictor, error: unknown): string {
    const code = isPrediktError(error) ? error.code : "DEFINITION_FAILED";
    const totalMs = this.job.owner.clock.now() - this.job.calledAt;
    const timings = { queueMs: 0, encodeMs: 0, runMs: 0, decodeMs: totalMs, totalMs };
    this.stages.push({ stage, model: identityOf(member), device: member.info.device, timings, batchSize: 0, code });
    return code;
  }

  #named(index: number, name: string, error: unknown, callers: boolean): Error {
    return stageError(error, { where: `${this.#where}, stage ${index} ("${name}")`, stage: { index, name }, callers });
  }
}

/** Where the time went, over all stages. What lies between and after them counts as `decodeMs`. */
export function timingsOf(stages: readonly StagePrediction[], parallel: boolean, totalMs: number): Timings {
  const answered = stages.filter((stage) => stage.code === undefined);
  const slowest = answered.reduce<StagePrediction | undefined>(
    (slow, stage) => (slow === undefined || stage.timings.totalMs > slow.timings.totalMs ? stage : slow),
    undefined,
  );
  let [queueMs, encodeMs, runMs] = [0, 0, 0];
  for (const { timings } of parallel ? (slowest === undefined ? [] : [slowest]) : answered) {
    queueMs += timings.queueMs;
    encodeMs += timings.encodeMs;
    runMs += timings.runMs;
  }
  return { queueMs, encodeMs, runMs, decodeMs: Math.max(0, totalMs - queueMs - encodeMs - runMs), totalMs };
}

function identityOf({ info: { name, version, digest } }: AnyPredictor): ModelIdentity {
  return { name, version, digest };
}

/** A member's own `encode`, which no method of it offers alone. */
async function encode({ definition, info }: AnyPredictor, value: unknown): Promise<RawInputs> {
  return definition === undefined ? (value as RawInputs) : createCodec(definition as never, info, false).encode(value);
}
