import { Job, type JobOwner, type Outcome } from "../batching/job.ts";
import { isPrediktError, LifecycleError } from "../errors/index.ts";
import { validateInput, validateOutput } from "../model/validate.ts";
import { systemClock } from "../predictor/clock.ts";
import { Emitter } from "../predictor/emitter.ts";
import { inTurns } from "../predictor/in-turns.ts";
import { unbatched } from "../predictor/options.ts";
import { uuid } from "../predictor/uuid.ts";
import type {
  AnyPredictor,
  Clock,
  Definition,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorEvent,
  PredictorInfo,
  PredictorStats,
  RawInputs,
  StagePrediction,
  Tensors,
} from "../types/index.ts";
import { Call, type Form, type Tally, timingsOf } from "./call.ts";
import { closeAll } from "./close-all.ts";
import { type ComposeOptions, checkCall, checkCompose } from "./options.ts";
import { defineEnds, type Ends, type Plan } from "./plan.ts";

const plain: Form = { given: "input", wanted: "output" };
const encoded: Form = { given: "tensors", wanted: "output" };
const raw: Form = { given: "tensors", wanted: "tensors" };

/** Several predictors as one. */
export class Composition implements Predictor<never, unknown>, JobOwner {
  readonly definition: Definition<never, unknown> | undefined;
  readonly clock: Clock;
  readonly #plan: Plan;
  readonly #ends: Ends;
  readonly #options: ComposeOptions<never, never>;
  readonly #where: string;
  readonly #tallies: readonly Tally[];
  readonly #events: Emitter = new Emitter();
  readonly #outcomes: Record<Outcome, number> = { succeeded: 0, failed: 0, aborted: 0, expired: 0 };
  #requests = 0;
  #rejected = 0;
  #active = 0;
  #state: PredictorInfo["state"] = "ready";
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(plan: Plan, options: ComposeOptions<never, never>) {
    checkCompose(options);
    const { name = plan.kind, version = "1", input, output, example, clock = systemClock, onEvent } = options;
    this.#plan = plan;
    this.#options = options;
    this.#ends = { name, version, input, output, example };
    this.#where = `${plan.kind} "${name}"`;
    this.#tallies = plan.stages.map(() => ({ calls: 0, failed: 0 }));
    this.definition = defineEnds(plan, this.#ends) as Definition<never, unknown> | undefined;
    this.clock = clock;
    if (onEvent !== undefined) this.#events.on("*", onEvent);
  }

  get info(): PredictorInfo {
    const infos = this.#members.map((member) => member.info);
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

  predict(input: never, options?: PredictOptions): Promise<unknown> {
    return this.#start(plain, false, input, options);
  }

  predictDetailed(input: never, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#start(plain, true, input, options) as Promise<Prediction<unknown>>;
  }

  predictEncoded(tensors: RawInputs, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#start(encoded, true, tensors, options) as Promise<Prediction<unknown>>;
  }

  run(tensors: RawInputs, options?: PredictOptions): Promise<Tensors> {
    return this.#start(raw, false, tensors, options) as Promise<Tensors>;
  }

  predictMany(inputs: readonly never[], options?: PredictOptions): Promise<PromiseSettledResult<unknown>[]> {
    const calledAt = this.clock.now();
    const { itemsAtOnce = 256 } = this.#options;
    return inTurns(inputs, itemsAtOnce, (input) => this.#start(plain, false, input, options, calledAt));
  }

  stats(): PredictorStats {
    const calls = this.#tallies.reduce((sum, tally) => sum + tally.calls, 0);
    const members = this.#plan.stages.flatMap((member, stage) => (member === undefined ? [] : [this.#tallyOf(member, stage)]));
    const work = { queued: 0, running: this.#active, runs: calls, rows: calls, isolations: 0 };
    return { requests: this.#requests, ...this.#outcomes, rejected: this.#rejected, ...work, members };
  }

  on(type: string, listener: (event: never) => void): () => void {
    return this.#events.on(type, listener as (event: PredictorEvent) => void);
  }

  async warmup(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.warmup()));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  finish(): void {
    // Members finish their own jobs.
  }

  settled(job: Job, outcome: Outcome, error: unknown): void {
    this.#active--;
    this.#outcomes[outcome]++;
    const code = isPrediktError(error) ? error.code : undefined;
    const id = job.options.requestId;
    if (code === "QUEUE_FULL") {
      this.#rejected++;
      this.#events.emit({ type: "job-rejected", code, queued: 0 });
    }
    if (this.#events.heard) {
      const { stages } = job.work as Call;
      const timings = timingsOf(stages, this.#plan.parallel, this.clock.now() - job.calledAt);
      this.#events.emit({ type: "job-settled", id, signal: job.options.signal, outcome, code, timings, batchSize: batchSizeOf(stages) });
    }
    if (this.#active === 0) this.#drained?.();
  }

  get #members(): readonly AnyPredictor[] {
    return this.#plan.stages.filter((stage) => stage !== undefined);
  }

  #start(form: Form, detailed: boolean, value: unknown, given: PredictOptions = {}, calledAt?: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const options = checkCall(given, this.#ends, this.#options.timeoutMs);
      if (this.#state !== "ready")
        throw new LifecycleError(
          this.#state === "closed" ? "CLOSED" : "DRAINING",
          `${this.#where} is ${this.#state} and takes no more work`,
        );
      this.#requests++;
      this.#active++;
      const call = new Call(this.#where, this.#tallies);
      const job = new Job(this, options, call, resolve as (value: never) => void, reject, calledAt);
      if (job.done) return;
      call.job = job;
      job.onGone = () => call.stop.fire(stopped(job));
      this.#answer(call, form, value).then(
        (output) => job.succeed(detailed ? this.#detail(call, output) : output),
        (error: unknown) => job.fail(error),
      );
    });
  }

  async #answer(call: Call, form: Form, value: unknown): Promise<unknown> {
    const { input, output } = this.#ends;
    const valid = input === undefined || form.given === "tensors" ? value : await validateInput(input, value);
    const answer = await this.#plan.answer(call, valid, form, (event) => this.#events.emit(event));
    return output === undefined || form.wanted === "tensors" ? answer : validateOutput(output, answer);
  }

  #detail({ job, stages }: Call, output: unknown): Prediction<unknown> {
    const { name, version } = this.#ends;
    const ordered = [...stages].sort((a, b) => a.stage - b.stage);
    const answered = this.#plan.kind === "cascade" ? ordered.slice(-1) : ordered.filter((stage) => stage.code === undefined);
    return {
      output,
      id: job.options.requestId ?? uuid(),
      model: { name, version, digest: undefined },
      device: [...new Set(answered.map((stage) => stage.device))].join("+"),
      timings: timingsOf(stages, this.#plan.parallel, this.clock.now() - job.calledAt),
      batchSize: batchSizeOf(answered),
      stages: ordered,
    };
  }

  #tallyOf({ info: { name, version } }: AnyPredictor, stage: number) {
    const { calls, failed } = this.#tallies[stage] as Tally;
    return { name, version, calls, failed };
  }

  /** Ready where enough members are; else what most of all keeps it from being so. */
  #stateOf(infos: readonly PredictorInfo[]): PredictorInfo["state"] {
    const behind = infos.filter(({ state }) => state !== "ready");
    if (this.#state !== "ready" || infos.length - behind.length >= this.#plan.needed) return this.#state;
    return behind.some(({ state }) => state === "closed") ? "closed" : "draining";
  }

  async #close(): Promise<void> {
    this.#state = "draining";
    if (this.#active > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    try {
      if (this.#options.closeMembers === true) await closeAll(this.#members);
    } finally {
      this.#state = "closed";
      this.#events.emit({ type: "predictor-closed" });
    }
  }
}

function summarise({ name, version, digest, backend, device, state }: PredictorInfo): object {
  return { name, version, digest, backend, device, state };
}

function batchSizeOf(stages: readonly StagePrediction[]): number {
  return Math.max(0, ...stages.map((stage) => stage.batchSize));
}

/** Why those who still work for a job may stop. */
function stopped({ options: { signal } }: Job): unknown {
  return signal?.aborted === true ? signal.reason : new LifecycleError("CLOSED", "the call has ended");
}
