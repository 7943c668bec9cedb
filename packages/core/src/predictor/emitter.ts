import type { PredictorEvent } from "../types/index.ts";

/** Delivers events to listeners by type, `"*"` for all. A listener that throws is reported as an unhandled error and harms no one else. */
export class Emitter<Event extends { readonly type: string } = PredictorEvent> {
  readonly #entries = new Set<readonly [type: string, listener: (event: Event) => void]>();

  /** Whether anybody would hear an event of that type; check before building a costly one. */
  hears(type: Event["type"]): boolean {
    for (const entry of this.#entries) if (matches(entry, type)) return true;
    return false;
  }

  on(type: string, listener: (event: Event) => void): () => void {
    const entry = [type, listener] as const;
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  emit(event: Event): void {
    for (const entry of this.#entries) {
      if (!matches(entry, event.type)) continue;
      try {
        entry[1](event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

function matches([type]: readonly [type: string, listener: unknown], wanted: string): boolean {
  return type === wanted || type === "*";
}
