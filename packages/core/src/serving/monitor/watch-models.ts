import type { AnyPredictor, ModelResolver, ServedModel } from "../../types/index.ts";

/**
 * Calls `added` for each version that a resolver has, now and later, and the function that it returns once that version has left the list. A version
 * that leaves may still be finishing work.
 *
 * @returns the function that ends the watch; every version then counts as gone.
 */
export function watchModels(resolver: ModelResolver, added: (model: ServedModel) => () => void): () => void {
  const known = new Map<AnyPredictor, () => void>();
  const look = (): void => {
    const gone = new Set(known.keys());
    for (const model of resolver.list()) {
      if (!gone.delete(model.predictor) && !known.has(model.predictor)) known.set(model.predictor, added(model));
    }
    for (const predictor of gone) forget(predictor);
  };
  const forget = (predictor: AnyPredictor): void => {
    const leave = known.get(predictor);
    known.delete(predictor);
    leave?.();
  };
  look();
  const stop = resolver.onChange?.(look);
  return () => {
    stop?.();
    for (const predictor of [...known.keys()]) forget(predictor);
  };
}
