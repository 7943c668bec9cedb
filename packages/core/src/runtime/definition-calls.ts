import type { ModelContext, Tensors } from "../types/index.ts";

/** What a worker that hosts definitions is asked, and what it answers. */
export type DefinitionCalls = {
  /** Prepares a definition for a model; the answer is its number. */
  bind: { readonly ask: { readonly name: string; readonly version: string; readonly context: ModelContext }; readonly answer: number };
  encode: { readonly ask: { readonly bound: number; readonly input: unknown }; readonly answer: Tensors };
  decode: { readonly ask: { readonly bound: number; readonly outputs: Tensors }; readonly answer: unknown };
};
