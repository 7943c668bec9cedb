export { createPredictor, type NodePredictorOptions } from "./backend/create-predictor.ts";
export { nodeBackend } from "./backend/node-backend.ts";
export type { CudaOptions, DownloadOptions, Execution, NodeOptions } from "./backend/options.ts";
