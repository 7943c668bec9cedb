import { OverloadError, type Prediction, type PredictOptions } from "@predikt/core";
import { type CallOptions, type CallPhase, callModel } from "../pool/call-model.ts";
import type { ModelHandle } from "../pool/model-pool.ts";
import { Observable } from "../pool/observable.ts";
import { sameParts } from "../pool/stable-key.ts";
import { aborted, noop } from "../pool/until.ts";
import { idlePrediction, type Outcome, type PredictionActions, type PredictionState } from "./prediction-state.ts";

/** What happens to a call that is made while another is under way. */
export type PredictionMode = "latest" | "queue" | "reject";

/** How calls are made and shown. */
export interface ObserverOptions {
  /**
   * `latest`: a new call aborts those before it. `queue`: calls run one after another in order, and each is shown when it is done; at most 100 at once.
   * `reject`: at most one at once. A call beyond that is refused with QUEUE_FULL, and of the inputs that arrive meanwhile the last is predicted afterwards.
   * Default: `"latest"`.
   */
  readonly mode?: PredictionMode | undefined;
  /** Whether `data` stays while the next call is under way, with `isStale`. Default: true. */
  readonly keepPrevious?: boolean | undefined;
}

/** Calls that may be under way or wait in a queue. */
const mostCalls = 100;

interface Call extends CallOptions {
  readonly controller: AbortController;
  phase: CallPhase;
}

/** Turns calls of one model into one state. No React in it. */
export class PredictionObserver<Input, Output> extends Observable<PredictionState<Output>> {
  options: ObserverOptions = {};
  readonly model: ModelHandle<Input, Output>;
  /** Called when what is under way or waits is given up, and with `true` when the last listener has gone. */
  onStop: (unwatched: boolean) => void = noop;
  /** Whether the newest call failed because its model could not be loaded. */
  loadFailed = false;
  readonly #calls = new Set<Call>();
  readonly #initial: Outcome<Output>;
  #outcome: Outcome<Output>;
  #waiting = false;
  #turn: Promise<unknown> = Promise.resolve();
  #unsubscribe: () => void = noop;

  /** @param initial The prediction that is there from the start. */
  constructor(model: ModelHandle<Input, Output>, initial?: Prediction<Output>) {
    super(idlePrediction);
    this.model = model;
    this.#initial = { last: initial };
    this.#outcome = this.#initial;
    if (initial !== undefined) this.set(this.look());
  }

  /** Meanwhile the model has a user. */
  protected override onFirst(): void {
    this.#unsubscribe = this.model.subscribe(this.#changed);
    this.#changed();
  }

  /** Everything under way is aborted. */
  protected override onLast(): void {
    this.#end();
    this.onStop(true);
    this.#unsubscribe();
  }

  /** What components do with it. */
  readonly actions: PredictionActions<Input, Output> = {
    predict: (input, options = {}) => {
      const answer = this.#predict(input, options, true);
      answer.catch(noop);
      return answer;
    },
    cancel: () => this.#end(),
    reset: () => this.#end(this.#initial),
  };

  /** As `predict`, for an input that is predicted by itself. */
  watch(input: Input): void {
    this.#predict(input, {}).catch(noop);
  }

  /** Whether a further call is refused. */
  get full(): boolean {
    return this.#calls.size >= (this.options.mode === "reject" ? 1 : mostCalls);
  }

  /** Whether an input waits to be predicted. */
  get waiting(): boolean {
    return this.#waiting;
  }

  set waiting(on: boolean) {
    this.#waiting = on;
    this.#changed();
  }

  /** Ends what is under way, and shows this error. */
  fail(error: unknown): void {
    this.#end({ ...this.#outcome, failure: { error } });
  }

  async #predict(input: Input, options: PredictOptions, byHand = false): Promise<Output> {
    const { mode = "latest" } = this.options;
    if (this.full) throw new OverloadError("QUEUE_FULL", `${this.#calls.size} under way`);
    if (mode === "latest") this.#abort("superseded");
    const turn = mode === "queue" && this.#calls.size > 0 ? this.#turn : undefined;
    const call: Call = {
      controller: new AbortController(),
      phase: "queued",
      onPhase: (phase) => {
        call.phase = phase;
        this.#changed();
      },
      turn,
      // One that waited for its turn was made before the load of the call before it failed.
      byHand: byHand && turn === undefined,
    };
    this.#calls.add(call);
    this.#outcome = { last: this.#outcome.last };
    this.loadFailed = false;
    const answer = callModel(this.model, input, options, call);
    this.#changed();
    // Without its result, which would hold every answer there ever was.
    this.#turn = Promise.allSettled([this.#turn, answer]).then(noop);
    try {
      const prediction = await answer;
      this.#settle(call, { last: prediction });
      return prediction.output;
    } catch (error) {
      if (this.#calls.has(call)) this.loadFailed = call.phase === "loading";
      this.#settle(call, { ...this.#outcome, failure: { error } });
      throw error;
    }
  }

  #settle(call: Call, outcome: Outcome<Output>): void {
    // Of a call that was aborted here nothing is shown.
    if (!this.#calls.delete(call)) return;
    this.#outcome = outcome;
    this.#changed();
  }

  #end(outcome: Outcome<Output> = { ...this.#outcome, cancelled: this.getState().status === "pending" || this.#outcome.cancelled }): void {
    this.#abort("cancelled");
    this.#outcome = outcome;
    this.#changed();
  }

  #abort(why: string): void {
    this.#waiting = false;
    this.onStop(false);
    const calls = [...this.#calls];
    this.#calls.clear();
    for (const { controller } of calls) controller.abort(aborted(why));
  }

  readonly #changed = (): void => {
    const state = this.look();
    // A model that is there again may change nothing that is shown, and yet what failed for it is to be predicted.
    const again = this.loadFailed && this.model.getState().status === "ready";
    if (again || !sameParts(state, this.getState())) this.set(state);
  };

  /** @param ahead Whether a call is about to be made, for which the error of the one before no longer counts. */
  look(ahead = false): PredictionState<Output> {
    const { last, failure, cancelled = false }: Outcome<Output> = ahead ? { last: this.#outcome.last } : this.#outcome;
    const { progress, device } = this.model.getState();
    const [call] = this.#calls;
    const pending = ahead || call !== undefined || this.#waiting;
    const settled = failure !== undefined ? "error" : last === undefined ? "idle" : "success";
    const shown = pending && this.options.keepPrevious === false ? undefined : last;
    return {
      status: pending ? "pending" : settled,
      fetchStatus: call?.phase ?? (pending ? "queued" : "idle"),
      data: shown?.output,
      error: failure?.error,
      isStale: shown !== undefined && (pending || cancelled || failure !== undefined),
      progress,
      device: shown?.device ?? device,
      timings: shown?.timings,
      id: shown?.id,
    };
  }
}
