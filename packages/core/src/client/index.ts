export type { HeaderCall, HeaderSource, HttpOptions } from "../http/link.ts";
export { httpPredictor } from "./http-predictor.ts";
export type { HttpBatchOptions, HttpPredictorOptions } from "./options.ts";
