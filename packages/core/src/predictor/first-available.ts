import { BackendError, isPrediktError } from "../errors/index.ts";
import type { Predictor, PredictorInfo } from "../types/index.ts";

/** What became of one candidate. */
export interface CandidateLoss {
  /** Its place in the list, from 0. */
  readonly candidate: number;
  readonly code: string | undefined;
  readonly reason: string;
}

/** Who won and why the others lost; in `info.details.choice`. */
export interface Choice {
  readonly candidate: number;
  readonly lost: readonly CandidateLoss[];
}

/** A way to get a predictor. */
export type Candidate<Input, Output> = () => Predictor<Input, Output> | Promise<Predictor<Input, Output>>;

/**
 * Tries the candidates in order and gives the first predictor that can be made, with the choice and the others' reasons in
 * `info.details.choice`. Later candidates are not started. Closing it closes the winner.
 *
 * @throws BackendError BACKEND_UNAVAILABLE with every reason in `details.tried`.
 */
export async function firstAvailable<Input, Output>(candidates: readonly Candidate<Input, Output>[]): Promise<Predictor<Input, Output>> {
  const lost: CandidateLoss[] = [];
  for (const [candidate, make] of candidates.entries()) {
    try {
      return withChoice(await make(), { candidate, lost });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      lost.push({ candidate, code: isPrediktError(error) ? error.code : undefined, reason });
    }
  }
  const reasons = lost.map((loss) => `${loss.candidate}: ${loss.reason}`).join("; ");
  throw new BackendError(
    "BACKEND_UNAVAILABLE",
    `none of ${candidates.length} candidates could be made: ${reasons || "the list is empty"}`,
    {
      details: { tried: lost },
    },
  );
}

function withChoice<Input, Output>(predictor: Predictor<Input, Output>, choice: Choice): Predictor<Input, Output> {
  return new Proxy(predictor, {
    get(target, key) {
      if (key === "info") {
        const { info } = target;
        return { ...info, details: { ...info.details, choice } } satisfies PredictorInfo;
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
