import { DefinitionError } from "../errors/index.ts";
import { reasonOf } from "../errors/reason.ts";
import type { DTypeInfo } from "../tensor/dtypes.ts";
import { concatRows, copyRows, dtypeInfo, fromFloat16Bits, rowCount, specText, toFloat16Bits } from "../tensor/index.ts";
import type { BackendSession, RunOptions, Tensor, Tensors } from "../types/index.ts";

/** Largest difference between a row's answer alone and in company, relative to the output's largest magnitude, that is called noise. */
const noise = 1e-4;
/** The same for float16. */
const halfNoise = 1e-2;

/**
 * Finds out why a model must not be batched, or returns undefined where it may be: runs the example and a changed copy apart and together, and
 * compares the rows.
 */
export async function findBatchHazard(
  session: BackendSession,
  example: Tensors | undefined,
  options: RunOptions,
): Promise<string | undefined> {
  const { signature, batchUnsafeOps } = session;
  if (batchUnsafeOps.length > 0) return `${batchUnsafeOps.join(", ")} takes its scale over the whole batch`;
  const fixed = signature.inputs.find(({ shape }) => typeof shape[0] !== "string");
  if (fixed !== undefined) return `axis 0 of input "${fixed.name}" is not free: ${specText(fixed)}`;
  const rows = example && rowCount(example);
  if (!example || !rows) return "it has no example, or its inputs differ in axis 0";
  const run = (feeds: Tensors): Promise<Tensors> => session.run(feeds, options);
  let mate: Tensors | undefined;
  let mateApart: Tensors | undefined;
  try {
    const apart = await run(example);
    // Not every change is a valid input of every model.
    for (const step of [1, -1]) {
      mate = changed(example, step);
      mateApart = await run(mate).catch(() => undefined);
      if (mateApart !== undefined) break;
    }
    if (!mate || !mateApart) return "only its example could be run";
    const together = await run(concatRows([example, mate]));
    return compare(together, apart, 0, rows) ?? compare(together, mateApart, rows, rows);
  } catch (error) {
    return `not probed: ${reasonOf(error)}`;
  }
}

/** The error for a model that was to be batched and must not be. */
export function batchUnsafe(name: string, hazard: string): DefinitionError {
  return new DefinitionError("BATCH_UNSAFE", `model "${name}" cannot be batched: ${hazard}; batching: "auto" runs it alone`, {
    details: { hazard },
  });
}

function compare(together: Tensors, apart: Tensors, from: number, rows: number): string | undefined {
  for (const name in apart) {
    const alone = apart[name] as Tensor;
    const joined = together[name] as Tensor;
    if (alone.dims[0] !== rows || joined.dims[0] !== 2 * rows)
      return `output "${name}" has ${joined.dims[0]} rows for ${2 * rows} of input`;
    const difference = relativeDifference(alone, copyRows(together, from, rows)[name] as Tensor);
    if (difference > (alone.type === "float16" ? halfNoise : noise))
      return `output "${name}" differs by ${difference.toPrecision(2)} of its scale in a batch`;
  }
  return undefined;
}

/** Infinity where they differ in anything but finite floats. */
function relativeDifference(a: Tensor, b: Tensor): number {
  const value = a.type === "float16" ? fromFloat16Bits : Number;
  const floating = dtypeInfo(a.type).kind === "float";
  let scale = 1e-6;
  let worst = a.data.length === b.data.length ? 0 : Infinity;
  for (let i = 0; i < a.data.length; i++) {
    const [p, q] = [a.data[i], b.data[i]];
    const [x, y] = [value(p as number), value(q as number)];
    if (Math.abs(x) < Infinity) scale = Math.max(scale, Math.abs(x));
    if (Object.is(p, q)) continue;
    const difference = floating ? Math.abs(x - y) : Infinity;
    // Not so that one which is no number would be overlooked.
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Infinity : difference;
  }
  return worst / scale;
}

/**
 * How an element changes: as far from the example's as its dtype safely allows. Floats go far away, and never so that the changes add up to nothing;
 * whole numbers go by one, since they are often indices.
 */
const changes: { readonly [Kind in DTypeInfo["kind"]]: (value: never, step: number, index: number) => unknown } = {
  float: (v: number, step, i) => step * (64 * v + 16) + (i % 7),
  integer: (v: number, step) => v + step,
  bigint: (v: bigint, step) => v + BigInt(step),
  bool: (v: number) => 1 - v,
  string: (v: string, step) => v + step,
};

function changed(example: Tensors, step: number): Tensors {
  const copy: Record<string, Tensor> = {};
  for (const name in example) {
    const { type, data, dims } = example[name] as Tensor;
    const change = changes[dtypeInfo(type).kind] as (value: unknown, step: number, index: number) => never;
    const half = (v: number, i: number): number => toFloat16Bits(change(fromFloat16Bits(v) / 16, step, i));
    const whole = (v: unknown, i: number): unknown => change(v, step, i);
    copy[name] = { type, data: (data as never[]).map((type === "float16" ? half : whole) as () => never), dims } as unknown as Tensor;
  }
  return copy;
}
