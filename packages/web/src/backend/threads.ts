/** Threads that WebAssembly uses where nobody says: half of the processor's, at most 4, and 1 where the page may share no memory or on iOS, which kills pages for less. */
export function defaultThreads(): number {
  if (!globalThis.crossOriginIsolated || isIos()) return 1;
  return Math.max(1, Math.min(4, Math.ceil((navigator.hardwareConcurrency ?? 1) / 2)));
}

function isIos(): boolean {
  const { userAgent, maxTouchPoints = 0 } = navigator;
  // An iPad calls itself a Macintosh, which has no touch screen.
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}
