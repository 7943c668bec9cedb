export { type Clock, systemClock } from "./clock.ts";
export { createPredictor } from "./create-predictor.ts";
export { type Candidate, type CandidateLoss, type Choice, firstAvailable } from "./first-available.ts";
export type { BatchingOptions, CommonOptions, PredictorOptions } from "./options.ts";
