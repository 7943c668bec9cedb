import type { PredictorEvent } from "../types/index.ts";

type Listener = (event: PredictorEvent) => void;

/** Delivers events to listeners by type, `"*"` for all. A listener that throws is reported as an unhandled error and harms no one else. */
export class Emitter {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Whether anybody would hear an event of that type; check before building a costly one. */
  hears(type: PredictorEvent["type"]): boolean {
    return this.#listeners.size > 0 && (this.#listeners.has(type) || this.#listeners.has("*"));
  }

  on(type: string, listener: Listener): () => void {
    let set = this.#listeners.get(type);
    if (set === undefined) {
      set = new Set();
      this.#listeners.set(type, set);
    }
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#listeners.delete(type);
    };
  }

  emit(event: PredictorEvent): void {
    if (this.#listeners.size === 0) return;
    for (const key of [event.type, "*"]) {
      for (const listener of this.#listeners.get(key) ?? []) {
        try {
          listener(event);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    }
  }
}
