import { DefinitionError } from "../errors/index.ts";
import { concatRows, copyRows, dtypeInfo, fromFloat16Bits, rowCount, specText } from "../tensor/index.ts";
import type { BackendSession, DType, Tensor, Tensors } from "../types/index.ts";

/** Largest difference between a row's answer alone and in company, relative to the output's largest magnitude, that is called noise. */
export const batchTolerance: { readonly full: number; readonly half: number } = { full: 1e-4, half: 1e-2 };

/**
 * Finds out why a model must not be batched, or returns undefined where it may be: runs the example and a changed copy apart and together, both
 * ways round, and compares the rows.
 */
export async function findBatchHazard(session: BackendSession, example: Tensors | undefined): Promise<string | undefined> {
  const { signature, batchUnsafeOps } = session;
  if (batchUnsafeOps.length > 0) return `${batchUnsafeOps.join(", ")} takes its scale over the whole batch`;
  for (const spec of signature.inputs) {
    if (typeof spec.shape[0] !== "string") return `axis 0 of input "${spec.name}" is not free: ${specText(spec)}`;
  }
  if (example === undefined) return "no example was given to probe it with";
  const rows = rowCount(example);
  if (rows === undefined || rows === 0) return "the example's inputs differ in axis 0";
  let mate = changed(example);
  const apart = await session.run(example);
  let mateApart: Tensors;
  try {
    mateApart = await session.run(mate);
  } catch {
    // The changed copy is not a valid input of this model; another copy of the example still shows whether axis 0 is a batch.
    mate = example;
    mateApart = apart;
  }
  for (const [first, second, firstApart, secondApart] of [
    [example, mate, apart, mateApart],
    [mate, example, mateApart, apart],
  ] as const) {
    let together: Tensors;
    try {
      together = await session.run(concatRows([first, second]));
    } catch (error) {
      return `it cannot run two items together: ${error instanceof Error ? error.message : String(error)}`;
    }
    const hazard = compare(together, firstApart, 0, rows) ?? compare(together, secondApart, rows, rows);
    if (hazard !== undefined) return hazard;
  }
  return undefined;
}

/** The error for a model that was to be batched and must not be. */
export function batchUnsafe(name: string, hazard: string): DefinitionError {
  return new DefinitionError("BATCH_UNSAFE", `model "${name}" cannot be batched: ${hazard}. Use batching: "auto" to run it unbatched`, {
    details: { hazard },
  });
}

function compare(together: Tensors, apart: Tensors, from: number, rows: number): string | undefined {
  for (const name in apart) {
    const alone = apart[name] as Tensor;
    const joined = together[name] as Tensor;
    if (alone.dims[0] !== rows || joined.dims[0] !== 2 * rows)
      return `output "${name}" has ${joined.dims[0] ?? "no"} rows for ${2 * rows} rows of input`;
    const part = copyRows({ [name]: joined }, from, rows)[name] as Tensor;
    if (part.data.length !== alone.data.length) return `output "${name}" changes its shape with its batch mates`;
    const difference = relativeDifference(alone, part);
    const noise = alone.type === "float16" ? batchTolerance.half : batchTolerance.full;
    if (difference > noise) return `output "${name}" of a row moves by ${difference.toPrecision(2)} (relative) with its batch mates`;
  }
  return undefined;
}

function relativeDifference(a: Tensor, b: Tensor): number {
  const { kind } = dtypeInfo(a.type as DType);
  if (kind !== "float") return Array.prototype.every.call(a.data, (v: unknown, i: number) => v === b.data[i]) ? 0 : Infinity;
  const value = a.type === "float16" ? fromFloat16Bits : Number;
  let scale = 1e-6;
  let worst = 0;
  for (let i = 0; i < a.data.length; i++) {
    const [x, y] = [value(a.data[i] as number), value(b.data[i] as number)];
    if (Object.is(x, y)) continue;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Infinity;
    scale = Math.max(scale, Math.abs(x));
    worst = Math.max(worst, Math.abs(x - y));
  }
  return worst / scale;
}

/** A batch mate as unlike the example as its dtype safely allows: floats far away, other types in another order. */
function changed(example: Tensors): Tensors {
  const copy: Record<string, Tensor> = {};
  for (const name in example) {
    const { type, data, dims } = example[name] as Tensor;
    const floating = type === "float32" || type === "float64";
    const other = floating ? (data as Float32Array).map((v, i) => 64 * v + (i % 2 === 0 ? 16 : -16)) : data.slice().reverse();
    copy[name] = { type, data: other, dims } as Tensor;
  }
  return copy;
}
