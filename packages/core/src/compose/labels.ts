import { DefinitionError } from "../errors/index.ts";
import { describe, isList, isTensorLike, toValues } from "../tensor/index.ts";
import type { Tensor } from "../types/index.ts";

/** What a vote is about. */
export type Label = string | number | bigint | boolean;

/** Reads something of an output: a field's name, or a function. */
export type Reader<Output, Value> = (keyof Output & string) | ((output: Output) => Value);

/** What a reader finds in an output. */
export function readField(output: unknown, reader: string | ((output: never) => unknown) | undefined): unknown {
  if (reader === undefined) return output;
  if (typeof reader === "function") return reader(output as never);
  return typeof output === "object" && output !== null ? (output as Record<string, unknown>)[reader] : undefined;
}

/** The one label or number that a value is, or holds: a scalar, or a tensor or list of one element. */
export function scalarOf(value: unknown): Label | undefined {
  if (isTensorLike(value)) {
    const { type, data } = value as Tensor;
    return scalarOf(toValues(type, data));
  }
  if (isList(value)) return value.length === 1 && !isList(value[0]) ? scalarOf(value[0]) : undefined;
  return ["string", "number", "bigint", "boolean"].includes(typeof value) ? (value as Label) : undefined;
}

/**
 * The output among several whose label got most votes: of those, the first one's. A tie goes to the label that was named first.
 *
 * @throws DefinitionError OUTPUT_INVALID where an output has no label
 */
export function vote(
  outputs: readonly unknown[],
  weights: readonly number[],
  field: string | ((output: never) => unknown) | undefined,
): unknown {
  const votes = new Map<Label, { count: number; readonly output: unknown }>();
  for (const [index, output] of outputs.entries()) {
    const found = readField(output, field);
    const label = scalarOf(found);
    if (label === undefined) {
      const what = typeof field === "string" ? `field "${field}"` : "output";
      throw new DefinitionError("OUTPUT_INVALID", `${what}: expected one label to vote for, got ${describe(found)}`);
    }
    const entry = votes.get(label) ?? { count: 0, output };
    entry.count += weights[index] as number;
    votes.set(label, entry);
  }
  let best: { readonly count: number; readonly output: unknown } | undefined;
  for (const entry of votes.values()) if (best === undefined || entry.count > best.count) best = entry;
  return best?.output;
}
