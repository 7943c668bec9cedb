import { type InputKey, keyOf, loopError } from "../pool/input-key.ts";
import { sameParts } from "../pool/stable-key.ts";
import type { PredictionObserver } from "./prediction-observer.ts";
import type { PredictionState } from "./prediction-state.ts";

/** When inputs are predicted. */
export interface WatchOptions<Input> {
  /** Whether inputs are predicted by themselves; `predict` works in any case. Default: true. */
  readonly enabled?: boolean | undefined;
  /** Milliseconds that an input must stay before it is predicted. At least 0. Default: 0, at once. */
  readonly debounceMs?: number | undefined;
  /**
   * An input with the same key as the one before is not predicted again. Without it inputs count by reference: an object that is made anew on each render is
   * predicted again when something else renders the component. Where even the prediction's own changes bring a new one each time, because it holds
   * an array or object made anew, that ends in CONFIG_INVALID.
   */
  readonly inputKey?: InputKey<Input> | undefined;
}

/** New inputs, each in a render that only the prediction itself caused, after which it is taken for an endless loop. React gives up at 50. */
const mostOwnInputs = 25;

/** Predicts the inputs that a component renders, each once. No React in it. */
export class InputWatcher<Input, Output> {
  readonly observer: PredictionObserver<Input, Output>;
  /** The input rendered last, and the one that was predicted last: the same object where they are the same input. */
  #seen: { key: unknown } | undefined;
  #taken: { key: unknown } | undefined;
  #rendered: PredictionState<Output> | undefined;
  #timer: unknown;
  #own = 0;
  #stopped = false;

  constructor(observer: PredictionObserver<Input, Output>) {
    this.observer = observer;
    observer.onStop = (unwatched) => {
      observer.model.clock.clear(this.#timer);
      if (unwatched) this.#forget();
    };
  }

  /**
   * Whether an input, once it is rendered, changes the state: it may not be shown beside the answer to the one before as if that were its own, since it is
   * predicted only after the render.
   */
  isAhead(input: Input | undefined, state: PredictionState<Output>, { enabled = true, inputKey }: WatchOptions<Input>): boolean {
    // Where nothing was predicted yet, as on a server and while a browser takes over, nothing can be mistaken.
    if (state.status === "idle") return false;
    if (input === undefined) return this.#seen !== undefined;
    const own = this.#isOwn(state);
    return enabled && !(own && this.#stopped) && !this.#isSeen(keyOf(input, inputKey), own);
  }

  /** Tells what was rendered: called after each render. */
  update(input: Input | undefined, state: PredictionState<Output>, options: WatchOptions<Input>): void {
    const { observer } = this;
    const { clock } = observer.model;
    const { enabled = true, debounceMs = 0, inputKey } = options;
    const ownRender = this.#isOwn(state);
    this.#rendered = state;
    if (input === undefined) {
      if (this.#seen === undefined) return;
      this.#forget();
      observer.actions.reset();
      return;
    }
    const key = keyOf(input, inputKey);
    if (this.#isSeen(key, ownRender)) (this.#seen as { key: unknown }).key = key;
    else {
      this.#count(ownRender, state);
      this.#seen = { key };
    }
    if (!enabled || this.#stopped) {
      // One that waits is taken up again once it is enabled.
      if (observer.waiting) this.#taken = undefined;
      clock.clear(this.#timer);
      observer.waiting = false;
      return;
    }
    if (this.#own >= mostOwnInputs) {
      this.#stopped = true;
      observer.fail(loopError(mostOwnInputs));
      return;
    }
    const loadable = observer.loadFailed && observer.model.getState().status === "ready";
    if (this.#taken === this.#seen && !loadable) return;
    if (observer.full) return;
    this.#taken = this.#seen;
    clock.clear(this.#timer);
    if (!(debounceMs > 0)) {
      observer.watch(input);
      return;
    }
    observer.waiting = true;
    this.#timer = clock.after(debounceMs, () => {
      observer.waiting = false;
      // A call that was made meanwhile goes first; the render after it takes the input up again.
      if (observer.full) this.#taken = undefined;
      else observer.watch(input);
    });
  }

  /** Whether only the prediction caused a render. */
  #isOwn(state: PredictionState<Output>): boolean {
    return this.#rendered !== undefined && this.#rendered !== state;
  }

  /** Whether it is the input rendered last. The same literal, made anew by a render that the prediction caused, is the same input. */
  #isSeen(key: unknown, ownRender: boolean): boolean {
    return this.#seen !== undefined && (ownRender ? sameParts : Object.is)(this.#seen.key, key);
  }

  /** The next input is predicted whichever it is. */
  #forget(): void {
    this.#seen = undefined;
    this.#taken = undefined;
  }

  /**
   * A new input in a render that a prediction's own change caused, but for its answer, is no one's wish: an object literal. An answer may well be
   * the next input.
   */
  #count(ownRender: boolean, { status }: PredictionState<Output>): void {
    if (!ownRender) {
      this.#own = 0;
      this.#stopped = false;
    } else if (status !== "success") this.#own++;
  }
}
