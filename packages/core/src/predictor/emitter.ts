import type { PredictorEvent } from "../types/index.ts";

/** Delivers events to listeners by type, `"*"` for all. A listener that throws is reported as an unhandled error and harms no one else. */
export class Emitter<Event extends { readonly type: string } = PredictorEvent> {
  readonly #entries = new Set<readonly [type: string, listener: (event: Event) => void]>();

  /** Whether anybody listens; check before building a costly event. */
  get heard(): boolean {
    return this.#entries.size > 0;
  }

  on(type: string, listener: (event: Event) => void): () => void {
    const entry = [type, listener] as const;
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  emit(event: Event): void {
    for (const [type, listener] of this.#entries) {
      if (type !== "*" && type !== event.type) continue;
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
