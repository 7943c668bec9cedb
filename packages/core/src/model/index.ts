export { defineModel, type ModelOptions } from "./define-model.ts";
export { type NumbersInput, type NumbersOptions, type NumbersSchema, numbers } from "./numbers.ts";
