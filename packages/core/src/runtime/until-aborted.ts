import type { AbortLike } from "../types/index.ts";

/** Ends with the signal's reason as soon as it fires, whatever the work does; what that gives afterwards goes to `late`. */
export function untilAborted<Result>(
  work: Promise<Result>,
  signal: AbortLike | undefined,
  late: (result: Result) => void = () => {},
): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      work.then(late, () => {});
      reject(signal.reason);
    };
    if (signal.aborted) {
      abort();
      return;
    }
    const settled = (): void => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(settled);
  });
}
