/** The middle one of some numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Times two things in turns, so that what else the machine does falls on both: the median of each, in milliseconds a call, and the medians of the
 * rounds' ratios ours / theirs and differences ours − theirs. It runs in Node and in a page.
 */
export async function timePairs(theirs, ours, { rounds, calls }) {
  const times = { theirs: [], ours: [] };
  await time(theirs, calls);
  await time(ours, calls);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? ["theirs", "ours"] : ["ours", "theirs"];
    for (const who of order) times[who].push(await time(who === "ours" ? ours : theirs, calls));
  }
  return {
    theirsMs: median(times.theirs),
    oursMs: median(times.ours),
    ratio: median(times.ours.map((ms, round) => ms / times.theirs[round])),
    addedMs: median(times.ours.map((ms, round) => ms - times.theirs[round])),
  };
}

async function time(call, calls) {
  const started = performance.now();
  for (let i = 0; i < calls; i++) await call();
  return (performance.now() - started) / calls;
}
