import type { Clock, LoadProgress } from "@predikt/core";
import { untilAborted } from "@predikt/core/runtime";
import type { CreatePredictor, ModelSpec } from "./model-spec.ts";
import { idleModel, loadingState, type ModelState, readyState } from "./model-state.ts";
import { Observable } from "./observable.ts";
import { type AnyPredictor, openModel } from "./open-model.ts";
import { aborted, later, noop } from "./until.ts";

/** What a shared model needs of its pool. */
export interface ModelHost {
  readonly clock: Clock;
  readonly options: CreatePredictor;
  /** Milliseconds that a model without users stays. */
  readonly gcTimeMs: number;
}

interface Load {
  readonly controller: AbortController;
  /** Settles when the runtime does. */
  readonly opening: Promise<AnyPredictor>;
  /** Settles at the latest when the load is given up. */
  readonly predictor: Promise<AnyPredictor>;
}

/** Milliseconds for which the first failure in a row is not tried again by itself; doubled by each further one, up to the longest. */
const restMs = 1000;
const longestRestMs = 30_000;
// A timer for longer than this fires at once.
const longestMs = 2 ** 31 - 1;

/** One model for all who use it: loaded once however many ask, and closed once when nobody has used it for a while. No React in it. */
export class SharedModel extends Observable<ModelState> {
  readonly #spec: () => ModelSpec;
  readonly #host: ModelHost;
  readonly #onDrop: (model: SharedModel) => void;
  #release: () => void = noop;
  #users = 0;
  #load: Load | undefined;
  #timer: unknown;
  #failures = 0;
  #restUntil = 0;

  /**
   * @param spec Gives the spec at each load, or throws why there is none.
   * @param onDrop Called when the model has had no users for `gcTimeMs` and is closed.
   */
  constructor(spec: () => ModelSpec, host: ModelHost, onDrop: (model: SharedModel) => void) {
    super(idleModel);
    this.#spec = spec;
    this.#host = host;
    this.#onDrop = onDrop;
  }

  /** Listeners are a user. */
  protected override onFirst(): void {
    this.#release = this.hold();
  }

  protected override onLast(): void {
    this.#release();
  }

  /** One more user, until the returned function is called, once. */
  hold(): () => void {
    this.#users++;
    this.#host.clock.clear(this.#timer);
    return () => {
      this.#users--;
      this.#expire();
    };
  }

  /**
   * The predictor, loaded unless it is or is being loaded. A load that failed is tried anew.
   *
   * @param rests Whether, for a while after that, its error is given instead: a camera's next image must not download a model again.
   */
  load(rests = false): Promise<AnyPredictor> {
    if (this.getState().status === "error" && !(rests && this.#host.clock.now() < this.#restUntil)) this.#load = undefined;
    this.#load ??= this.#start();
    this.#expire();
    return this.#load.predictor;
  }

  /** Gives the model up now, whoever uses it: a load under way is aborted, runs under way are finished. Resolves when it is closed. */
  unload(): Promise<void> {
    const load = this.#load;
    if (load === undefined) return Promise.resolve();
    this.#load = undefined;
    if (this.getState().status !== "ready") load.controller.abort(aborted("unloaded"));
    this.set(idleModel);
    const closed = load.opening.then((predictor) => predictor.close(), noop);
    closed.catch(noop);
    return closed;
  }

  #start(): Load {
    const controller = new AbortController();
    const { signal } = controller;
    const current = (): boolean => this.#load === load;
    const onProgress = (progress: LoadProgress): void => {
      if (current() && this.getState().status !== "ready") this.set(loadingState(progress));
    };
    // Not at once: a runtime that reports progress while it is called must find this load to be the current one.
    const opening = Promise.resolve().then(() => openModel(this.#spec(), this.#host.options.create, { signal, onProgress }));
    const predictor = untilAborted(opening, signal).then(
      (opened) => {
        this.#failures = 0;
        if (current()) this.set(readyState(opened, this.#spec(), this.getState().progress));
        return opened;
      },
      (error: unknown) => {
        if (current()) {
          this.#restUntil = this.#host.clock.now() + Math.min(restMs * 2 ** this.#failures++, longestRestMs);
          this.set({ ...idleModel, status: "error", error });
        }
        throw error;
      },
    );
    predictor.catch(noop);
    const load: Load = { controller, opening, predictor };
    this.set(loadingState(undefined));
    return load;
  }

  /** Starts the time after which a model without users goes. */
  #expire(): void {
    const { clock, gcTimeMs } = this.#host;
    clock.clear(this.#timer);
    if (this.#users > 0 || !(gcTimeMs <= longestMs)) return;
    this.#timer = later(clock, gcTimeMs, () => {
      void this.unload();
      this.#onDrop(this);
    });
  }
}
