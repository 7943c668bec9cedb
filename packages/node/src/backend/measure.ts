import type { AbortLike, Signature, Tensor, Tensors } from "@predikt/core";
import { inlineBelowMs } from "./inline-patience.ts";
import type { Place } from "./place.ts";

/** Runs that are handed to the runtime in one turn of the event loop at most. They cannot be taken back. */
const maxInline = 32;

/** Milliseconds of a run, without the way there and back. */
export function bestRunMs(place: Place, feeds: Tensors, abandoned: AbortLike): Promise<number> {
  return best(async () => (await place.time(feeds, abandoned)).runMs);
}

/** How many runs fit into one turn of the event loop, at least 1: measured in company, since alone each would pay for a turn of its own. */
export async function runsPerTurn(place: Place, feeds: Tensors): Promise<number> {
  const turnMs = await best(async () => {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: maxInline }, () => place.run(feeds, undefined)));
    return performance.now() - startedAt;
  }, 5);
  return Math.max(1, Math.min(maxInline, Math.floor((maxInline * inlineBelowMs) / turnMs)));
}

/** The feeds as often as a batch may hold them, where axis 0 of every input is free. */
export function repeated(feeds: Tensors, times: number, signature: Signature): Tensors {
  const free = signature.inputs.every((spec) => typeof spec.shape[0] === "string" && feeds[spec.name]?.dims[0] === 1);
  if (times === 1 || !free) return feeds;
  const batch: Record<string, Tensor> = {};
  for (const name in feeds) {
    const { type, data, dims } = feeds[name] as Tensor;
    batch[name] = { type, data: repeat(data, times), dims: [times, ...dims.slice(1)] } as Tensor;
  }
  return batch;
}

/**
 * The shortest of up to so many times, since what else the machine does only adds, and code is slow until it is compiled; of fewer where they are long,
 * though one alone may be a pause of the machine's.
 */
async function best(measure: () => Promise<number>, rounds = 50): Promise<number> {
  let shortest = Infinity;
  let spentMs = 0;
  for (let round = 0; round < rounds && spentMs < (round < 5 ? 200 : 20) * inlineBelowMs; round++) {
    const ms = await measure();
    shortest = Math.min(shortest, ms);
    spentMs += ms;
  }
  return Math.round(shortest * 1000) / 1000;
}

function repeat(data: Tensor["data"], times: number): Tensor["data"] {
  if (Array.isArray(data)) return Array.from({ length: times }, () => data).flat();
  const joined = data.slice(0, 0).constructor as new (length: number) => Float32Array;
  const all = new joined(data.length * times);
  for (let i = 0; i < times; i++) all.set(data as Float32Array, i * data.length);
  return all;
}
