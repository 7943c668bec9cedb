import { Observable } from "../pool/observable.ts";

/** How far an answer is. */
export interface AsyncStatus {
  /** `idle` before anybody looks. */
  readonly status: "idle" | "pending" | "success" | "error";
  readonly error?: unknown;
}

/** Something that is asked for, as state: the parts of the last answer stay while the next is under way. */
export type AsyncState<T> = AsyncStatus & { readonly [Part in keyof T]?: T[Part] | undefined };

/** The state before anybody looks. */
export const idleAsync: AsyncState<unknown> = { status: "idle" };

/** Asks when the first listener comes, and again when told to. No React in it. */
export class AsyncObserver<T extends object> extends Observable<AsyncState<T>> {
  readonly #ask: () => Promise<T>;
  #newest: Promise<T> | undefined;

  constructor(ask: () => Promise<T>) {
    super(idleAsync as AsyncState<T>);
    this.#ask = ask;
  }

  /** Asks again. Never rejects: the state tells a failure. */
  readonly refresh = async (): Promise<void> => {
    const asked = Promise.resolve().then(this.#ask);
    this.#newest = asked;
    const { error: _, ...kept } = this.getState();
    const next = (parts: object): void => this.set({ ...kept, ...parts } as AsyncState<T>);
    next({ status: "pending" });
    const outcome = await asked.then(
      (parts) => ({ ...parts, status: "success" }),
      (error: unknown) => ({ status: "error", error }),
    );
    if (this.#newest === asked) next(outcome);
  };

  readonly actions: { readonly refresh: () => Promise<void> } = { refresh: this.refresh };

  protected override onFirst(): void {
    if (this.#newest === undefined) void this.refresh();
  }
}
