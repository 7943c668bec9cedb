/** A run of the largest batch that takes less than this many milliseconds is worth no trip to another thread. */
export const inlineBelowMs = 0.5;

/** What a run on the calling thread may take without being held against the model, in milliseconds. */
const fairMs = 4 * inlineBelowMs;
/** How much more than that runs may take together, in milliseconds. */
const debtMs = 50;

/**
 * Judges runs on the calling thread, one after another: `true` once they take too long for it. Each run adds what it takes, a fair one pays
 * something back; so one long run is enough, and a pause now and then, which the run has nothing to do with, is not.
 */
export function inlinePatience(): (runMs: number) => boolean {
  let debt = 0;
  return (runMs) => {
    debt = Math.max(0, debt + (runMs > fairMs ? runMs : -fairMs));
    return debt > debtMs;
  };
}
