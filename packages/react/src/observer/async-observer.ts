import { Observable } from "../pool/observable.ts";

/** Something that is asked for, as state. */
export interface AsyncState<T> {
  /** `idle` before anybody looks. */
  readonly status: "idle" | "pending" | "success" | "error";
  /** The last answer; it stays while the next is under way. */
  readonly data?: T | undefined;
  readonly error?: unknown;
}

/** The state before anybody looks. */
export const idleAsync: AsyncState<never> = { status: "idle" };

/** Asks when the first listener comes, and again when told to. No React in it. */
export class AsyncObserver<T> extends Observable<AsyncState<T>> {
  readonly #ask: () => Promise<T>;
  #newest: Promise<T> | undefined;

  constructor(ask: () => Promise<T>) {
    super(idleAsync);
    this.#ask = ask;
  }

  /** Asks again. Never rejects: the state tells a failure. */
  readonly refresh = async (): Promise<void> => {
    const asked = Promise.resolve().then(this.#ask);
    this.#newest = asked;
    const { data } = this.getState();
    this.set({ status: "pending", data });
    const state = await asked.then(
      (data): AsyncState<T> => ({ status: "success", data }),
      (error: unknown): AsyncState<T> => ({ status: "error", data, error }),
    );
    if (this.#newest === asked) this.set(state);
  };

  protected override onFirst(): void {
    if (this.#newest === undefined) void this.refresh();
  }
}
