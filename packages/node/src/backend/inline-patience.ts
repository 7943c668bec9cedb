/** A run of the largest batch that takes less than this many milliseconds is worth no trip to another thread. */
export const inlineBelowMs = 0.5;

/** What a run on the calling thread may take without being held against the model, in milliseconds. */
const fairMs = 4 * inlineBelowMs;
/** How much more than that runs may take together, in milliseconds. */
const debtMs = 50;

/** How much time has gone by, and how much of it this process had a core. */
export interface Used {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/**
 * Judges runs on the calling thread, one after another: `true` once they take too long for it. A run that is long adds what it took, a fair one
 * pays something back. What counts is the process's share of a core since the first long run: on a machine that has too much to do, any run takes
 * long now and then, and in a worker it would take no less (measured with ten processes on two cores: runs of 0.05 ms took up to 96 ms).
 *
 * @param used Default: the process's own clocks.
 */
export function inlinePatience(used: () => Used = usedSoFar): (runMs: number) => boolean {
  let debt = 0;
  let since: Used | undefined;
  return (runMs) => {
    if (runMs <= fairMs) {
      debt = Math.max(0, debt - fairMs);
      if (debt === 0) since = undefined;
      return false;
    }
    debt += runMs;
    const now = used();
    if (since === undefined) {
      since = now;
      return false;
    }
    const share = Math.min(1, (now.cpuMs - since.cpuMs) / (now.wallMs - since.wallMs));
    return debt * share > debtMs;
  };
}

function usedSoFar(): Used {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1000 };
}
