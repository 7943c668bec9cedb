/** What tests call in a page: a predictor whose events are kept, and calls whose errors come back as data. */
import { createPredictor, webBackend } from "@predikt/web";

/** A predictor, with the events that it and its backend have sent. */
export async function open(options, backend = webBackend()) {
  const events = [];
  const progress = [];
  const core = await import("@predikt/core");
  const predictor = await core.createPredictor({
    ...options,
    backend,
    onEvent: (event) => events.push(event.type === "backend-reported" ? event.event : event),
    onProgress: (each) => progress.push(each),
  });
  return { predictor, events, progress };
}

/** A promise's value, or its error as plain data. */
export function outcome(promise) {
  return promise.then(
    (value) => ({ value }),
    (error) => ({ error: { name: error.name, code: error.code, message: error.message, details: error.details } }),
  );
}

/** The numbers of an output. */
export const numbers = (outputs, name) => Array.from(outputs[name].data, Number);

/** Waits until a condition holds. */
export async function until(condition, withinMs = 20_000) {
  const endsAt = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > endsAt) throw new Error(`it did not come true within ${withinMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export { createPredictor, webBackend };
