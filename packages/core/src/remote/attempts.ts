import { OverloadError, type PrediktError } from "../errors/index.ts";
import { backoff, pause } from "../http/retry.ts";
import type { AbortLike } from "../types/index.ts";
import type { Endpoint, Fleet } from "./fleet.ts";
import { type Answer, isRefusal, type Refusal, type Transport, type TransportCall } from "./transport.ts";
import { wireSignal } from "./wire-signal.ts";

/** When a call is made again. */
export interface RetryLimits {
  /** Further attempts. */
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** Milliseconds of one attempt; Infinity for no limit. */
  readonly requestTimeoutMs: number;
  /** Whether one that took longer is made again: only what costs the server nothing. */
  readonly retrySlow: boolean;
}

/** Who waits for a call, and how long. */
export interface Patience {
  readonly gone: AbortLike | undefined;
  /** Milliseconds in which an answer is of use; Infinity where no limit is known. */
  readonly timeoutMs: number;
}

/**
 * Asks one endpoint after another until one answers: the next at once where there is an untried one, else after a wait. Only what is safe is asked
 * again (`Refusal.again`), and never beyond the time that is left.
 *
 * @throws What the last endpoint gave for an error, REMOTE_UNREACHABLE where no endpoint is in use, or the reason of `gone`
 */
export async function attempt<Value>(
  fleet: Fleet,
  limits: RetryLimits,
  patience: Patience,
  ask: (transport: Transport, call: TransportCall) => Promise<Answer<Value>>,
): Promise<Value> {
  const { clock } = fleet;
  const deadlineAt = clock.now() + patience.timeoutMs;
  const tried = new Set<Endpoint>();
  let last: PrediktError | undefined;
  for (let count = 0; ; count++) {
    if (patience.gone?.aborted) throw patience.gone.reason;
    const endpoint = fleet.pick(tried);
    if (endpoint === undefined) throw last ?? fleet.allResting();
    tried.add(endpoint);
    const answer = await once(endpoint, fleet, limits, { ...patience, timeoutMs: deadlineAt - clock.now() }, ask);
    if (!isRefusal(answer)) return answer.value;
    last = answer.error;
    if (!answer.again || count >= limits.retries) throw last;
    const waitMs = fleet.hasUntried(tried) ? 0 : backoff(count, limits.retryDelayMs, answer.retryAfterMs);
    if (waitMs > limits.maxRetryDelayMs || waitMs >= deadlineAt - clock.now()) throw last;
    if (waitMs > 0) await wait(waitMs, patience.gone, fleet);
  }
}

/** One attempt at one endpoint, whose circuit hears how it went. */
async function once<Value>(
  endpoint: Endpoint,
  fleet: Fleet,
  limits: RetryLimits,
  { gone, timeoutMs }: Patience,
  ask: (transport: Transport, call: TransportCall) => Promise<Answer<Value>>,
): Promise<Answer<Value>> {
  const { circuit, transport, url } = endpoint;
  const wire = wireSignal(gone, limits.requestTimeoutMs, fleet.clock);
  endpoint.outstanding++;
  circuit.begin();
  let answer: Answer<Value>;
  try {
    answer = await ask(transport, { signal: wire.signal, timeoutMs: timeoutMs === Infinity ? undefined : timeoutMs });
    if (isRefusal(answer) && wire.expired) answer = tooSlow(url, limits);
  } catch (error) {
    if (!wire.expired) {
      circuit.left();
      throw gone?.aborted ? gone.reason : error;
    }
    answer = tooSlow(url, limits);
  } finally {
    endpoint.outstanding--;
    wire.release();
  }
  if (!isRefusal(answer)) circuit.answered();
  else if (gone?.aborted) {
    // What an abort leaves of a call says nothing of the server.
    circuit.left();
    throw gone.reason;
  } else if (answer.faulty) {
    transport.forget?.();
    circuit.failed(answer.error.message);
  } else circuit.answered();
  return answer;
}

function tooSlow(url: string, { requestTimeoutMs: timeoutMs, retrySlow }: RetryLimits): Refusal {
  const details = { timeoutMs, endpoint: url };
  const error = new OverloadError("DEADLINE_EXCEEDED", `no answer from ${url} within ${timeoutMs} ms`, { details });
  return { error, again: retrySlow, faulty: true, retryAfterMs: 0 };
}

async function wait(ms: number, gone: AbortLike | undefined, { clock }: Fleet): Promise<void> {
  const wire = wireSignal(gone, Infinity, clock);
  await pause(ms, clock, wire.signal);
  wire.release();
}
