/** Milliseconds after which a timing takes what it has. */
const maxTimingMs = 500;

/**
 * Milliseconds of the shortest of so many rounds. The first one is never fair; beyond the second, what is slow is not done again for the sake of a better
 * number.
 */
export async function shortest(
  round: () => Promise<unknown>,
  rounds: number,
  now: () => number = () => performance.now(),
): Promise<number> {
  const beganAt = now();
  let best = Infinity;
  for (let done = 0; done < rounds && (done < 2 || now() - beganAt < maxTimingMs); done++) {
    const startedAt = now();
    await round();
    best = Math.min(best, now() - startedAt);
  }
  return best;
}
