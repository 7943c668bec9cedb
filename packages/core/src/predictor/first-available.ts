import { BackendError, isPrediktError } from "../errors/index.ts";
import { reasonOf } from "../errors/reason.ts";
import type { AbortLike, Predictor } from "../types/index.ts";

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

/** Options of `firstAvailable`. */
export interface FirstAvailableOptions {
  /** Ends the search with the signal's reason; give the same signal to the candidates. */
  readonly signal?: AbortLike | undefined;
}

/**
 * Tries the candidates in order and gives the first predictor that can be made, with the choice and the others' reasons in
 * `info.details.choice`. Later candidates are not started. Closing it closes the winner.
 *
 * @throws BackendError BACKEND_UNAVAILABLE with every reason in `details.tried`; ConfigError CONFIG_INVALID of a candidate, since a wrong option is no
 * lack of a device; or `signal.reason`.
 */
export async function firstAvailable<Input, Output>(
  candidates: readonly Candidate<Input, Output>[],
  { signal }: FirstAvailableOptions = {},
): Promise<Predictor<Input, Output>> {
  const lost: CandidateLoss[] = [];
  for (const [candidate, make] of candidates.entries()) {
    try {
      return withChoice(await make(), { candidate, lost });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      const code = isPrediktError(error) ? error.code : undefined;
      if (code === "CONFIG_INVALID") throw error;
      lost.push({ candidate, code, reason: reasonOf(error) });
    }
  }
  const reasons = lost.map((loss) => `${loss.candidate}: ${loss.reason}`).join("; ");
  throw new BackendError("BACKEND_UNAVAILABLE", `no candidate could be made: ${reasons}`, { details: { tried: lost } });
}

function withChoice<Input, Output>(predictor: Predictor<Input, Output>, choice: Choice): Predictor<Input, Output> {
  return new Proxy(predictor, {
    get(target, key) {
      const value: unknown = target[key as keyof typeof target];
      if (key === "info") return { ...target.info, details: { ...target.info.details, choice } };
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
