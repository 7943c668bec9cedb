import { ConfigError, LifecycleError } from "@predikt/core";
import { type AccessHook, checkLimits, isCounted, type LimitOptions, limitKeyOf, neverFits, rateLimited } from "@predikt/core/serving";

/** A limiter of the package rate-limiter-flexible, over whatever store: Redis, Postgres, the primary of a cluster, memory. */
export interface FlexibleLimiter {
  /** What a key may use within `duration`. */
  readonly points: number;
  /** In seconds. */
  readonly duration: number;
  /** Resolves where there is enough left; else rejects with `{ msBeforeNext }`, or with an Error where the store fails. */
  consume(key: string, points?: number): Promise<unknown>;
}

/** Options of `sharedRateLimits`. */
export interface SharedRateOptions extends LimitOptions {
  readonly requests?: FlexibleLimiter | undefined;
  /** Items and rows of tensors. */
  readonly rows?: FlexibleLimiter | undefined;
  /** Bytes of bodies. */
  readonly bytes?: FlexibleLimiter | undefined;
  /** What becomes of a request where the store fails: 503 NOT_READY, or it is allowed. Default: `"refuse"`. */
  readonly onStoreFailure?: "refuse" | "allow" | undefined;
}

const kinds = ["requests", "rows", "bytes"] as const;
type Kind = (typeof kinds)[number];

/**
 * An access hook that limits rates over several processes, by limiters of the package rate-limiter-flexible, which the application makes. A request that must
 * wait is refused with RATE_LIMITED and a Retry-After; one that is larger than the limiter's points could never pass, and gets INPUT_TOO_LARGE. Rows and bytes count
 * once the body has been read, before anything runs.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function sharedRateLimits(options: SharedRateOptions): AccessHook {
  checkLimits(options);
  const { per, operations, onStoreFailure = "refuse" } = options;
  for (const kind of kinds) {
    const { consume, points } = options[kind] ?? { consume: () => {}, points: 1 };
    if (typeof consume !== "function" || !(points > 0))
      throw new ConfigError(kind, "a limiter of rate-limiter-flexible", typeof options[kind]);
  }
  if (onStoreFailure !== "refuse" && onStoreFailure !== "allow")
    throw new ConfigError("onStoreFailure", '"refuse" or "allow"', "something else");

  async function take(key: string, kind: Kind, count: number): Promise<void> {
    const limiter = options[kind];
    if (limiter === undefined || count === 0) return;
    const { points, duration } = limiter;
    if (count > points) throw neverFits(kind, count, points);
    try {
      await limiter.consume(key, count);
    } catch (refused) {
      const { msBeforeNext } = refused as { readonly msBeforeNext?: unknown };
      if (typeof msBeforeNext === "number") throw rateLimited(kind, `${points} in ${duration} s`, msBeforeNext);
      if (onStoreFailure === "allow") return;
      // What else a store says of its failure may hold its address and password.
      const { code = "unknown" } = refused as { readonly code?: unknown };
      throw new LifecycleError("NOT_READY", "the store of the rate limits cannot be reached", { details: { reason: String(code) } });
    }
  }

  return async (request) => {
    if (!isCounted(request, operations)) return undefined;
    const key = limitKeyOf(request, per);
    await take(key, "requests", 1);
    if (options.rows === undefined && options.bytes === undefined) return undefined;
    return Object.assign(() => {}, {
      weigh: async ({ rows, bytes }: { rows: number; bytes: number }): Promise<void> => {
        await take(key, "rows", rows);
        await take(key, "bytes", bytes);
      },
    });
  };
}
