export type { Hash } from "./cache-key.ts";
export { type CachedPredictor, type CacheOptions, cached } from "./cached.ts";
export { type CascadeOptions, cascade } from "./cascade.ts";
export { type Combine, type CombineContext, type EnsembleOptions, ensemble } from "./ensemble.ts";
export type { Label, Reader } from "./labels.ts";
export type { ComposeOptions, WrapOptions } from "./options.ts";
export { type PipelineOptions, pipeline, type Stage, type StageContext } from "./pipeline.ts";
export type { Member } from "./plan.ts";
