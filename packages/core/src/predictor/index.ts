export { systemClock } from "./clock.ts";
export { type Codec, createCodec } from "./codec.ts";
export { createPredictor } from "./create-predictor.ts";
export { type Candidate, type CandidateLoss, type Choice, type FirstAvailableOptions, firstAvailable } from "./first-available.ts";
export type { BatchingOptions, CommonOptions, PredictorOptions } from "./options.ts";
