export type * from "./backend.ts";
export type * from "./clock.ts";
export type * from "./definition.ts";
export type * from "./events.ts";
export type * from "./options.ts";
export type * from "./predictor.ts";
export type * from "./signature.ts";
export type * from "./tensor.ts";
