export * from "./errors/index.ts";
export * from "./model/index.ts";
export * from "./predictor/index.ts";
export { dtypes, fromFloat16Bits, isDType, tensor, toFloat16Bits } from "./tensor/index.ts";
export type * from "./types/index.ts";
