export type { PredictionState } from "./prediction-observer.ts";
export { type CreatePredictor, type ModelEntry, PredictorProvider, type PredictorProviderProps } from "./provider.tsx";
export { type UsePrediction, usePrediction } from "./use-prediction.ts";
