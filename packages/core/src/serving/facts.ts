import type { AnyPredictor, Signature } from "../types/index.ts";

/** What the wire protocols ask a predictor again and again; its `info` is made anew at each look. */
export interface Facts {
  readonly name: string;
  readonly version: string;
  readonly signature: Signature;
  /** Whether an input has 64-bit integers, so that its JSON must be read digit by digit. */
  readonly lossless: boolean;
}

const known = new WeakMap<AnyPredictor, Facts>();

/** The facts of a predictor. */
export function factsOf(predictor: AnyPredictor): Facts {
  let facts = known.get(predictor);
  if (facts === undefined) {
    const { name, version, signature } = predictor.info;
    facts = { name, version, signature, lossless: signature.inputs.some(({ dtype }) => dtype === "int64" || dtype === "uint64") };
    // One that asks another server learns its signature with its first answer.
    if (signature.inputs.length > 0) known.set(predictor, facts);
  }
  return facts;
}
