export { httpPredictor } from "./http-predictor.ts";
export type { HeaderSource, HttpBatchOptions, HttpPredictorOptions } from "./options.ts";
