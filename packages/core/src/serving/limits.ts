import { InputError, OverloadError } from "../errors/index.ts";
import { must, mustBeNumber, mustBeWhole, mustKnow } from "../tensor/index.ts";
import type { Clock } from "../types/index.ts";
import type { AccessHook, AccessRequest, Leave } from "./access.ts";
import type { Operation } from "./protocol.ts";

/** Whose requests are counted together. */
export type LimitKey = "caller" | "address" | "all" | ((request: AccessRequest) => string);

/** What limits have in common. */
export interface LimitOptions {
  /**
   * Whose requests are counted together: the caller's, or, where nobody has said who that is, those of its address; those of an address (where an adapter does not
   * know any, as `toFetchHandler`, they are all one's); all; or what a function tells, e.g. a header that a trusted proxy sets. Default: `"caller"`.
   */
  readonly per?: LimitKey | undefined;
  /** The operations that count. Default: `["predict"]`. */
  readonly operations?: readonly Operation[] | undefined;
}

/** Up to `amount` at once, which come back evenly over `perMs`. */
export interface Rate {
  /** At least 1. */
  readonly amount: number;
  /** Milliseconds, at least 1. */
  readonly perMs: number;
}

/** Options of `limitRate`. */
export interface RateOptions extends LimitOptions {
  readonly requests?: Rate | undefined;
  /** Items and rows of tensors. */
  readonly rows?: Rate | undefined;
  /** Bytes of bodies. */
  readonly bytes?: Rate | undefined;
  /** Keys that are remembered; the one that was not seen for longest is forgotten first, with its debts. At least 1. Default: 10,000. */
  readonly maxKeys?: number | undefined;
  /** Time. Default: the platform's. */
  readonly clock?: Pick<Clock, "now"> | undefined;
}

/** Options of `limitConcurrency`. */
export interface ConcurrencyOptions extends LimitOptions {
  /** Requests under way at once. At least 1. */
  readonly requests?: number | undefined;
  /** Items and rows of tensors under way at once. At least 1. */
  readonly rows?: number | undefined;
  /** Bytes of bodies under way at once. At least 1. */
  readonly bytes?: number | undefined;
  /** What `Retry-After` says, in milliseconds: when others will be done is not known. At least 1. Default: 1000. */
  readonly retryAfterMs?: number | undefined;
}

const kinds = ["requests", "rows", "bytes"] as const;
type Kind = (typeof kinds)[number];
const common = [...kinds, "per", "operations"];

/**
 * A hook that limits rates in this process. A request that must wait is refused with RATE_LIMITED and a Retry-After; one that is larger than `amount` could
 * never pass, and gets INPUT_TOO_LARGE. Rows and bytes count once the body has been read, before anything runs.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function limitRate(options: RateOptions): AccessHook {
  mustKnow(options, [...common, "maxKeys", "clock"]);
  const { per, operations, maxKeys = 10_000, clock = performance } = options;
  checkLimits(options);
  for (const kind of kinds) {
    const rate = options[kind];
    if (rate === undefined) continue;
    mustKnow(rate, ["amount", "perMs"], kind);
    mustBeNumber(`${kind}.amount`, rate.amount, 1);
    mustBeNumber(`${kind}.perMs`, rate.perMs, 1);
  }
  mustBeWhole("maxKeys", maxKeys, 1);
  // By key and kind: when all that was taken will have come back.
  const fullAt = new Map<string, Partial<Record<Kind, number>>>();

  function take(key: string, kind: Kind, count: number): void {
    const rate = options[kind];
    if (rate === undefined || count === 0) return;
    const { amount, perMs } = rate;
    if (count > amount) throw neverFits(kind, count, amount);
    const now = clock.now();
    const entry = fullAt.get(key) ?? {};
    const next = Math.max(now, entry[kind] ?? 0) + (count * perMs) / amount;
    // A thousandth of a millisecond for what fractions lose.
    if (next - now > perMs + 1e-3) throw rateLimited(kind, `${amount} in ${perMs} ms`, next - now - perMs);
    entry[kind] = next;
    fullAt.delete(key);
    fullAt.set(key, entry);
    if (fullAt.size > maxKeys) fullAt.delete(fullAt.keys().next().value as string);
  }

  return (request) => {
    if (!isCounted(request, operations)) return undefined;
    const key = limitKeyOf(request, per);
    take(key, "requests", 1);
    if (options.rows === undefined && options.bytes === undefined) return undefined;
    return Object.assign(() => {}, {
      weigh: ({ rows, bytes }: { rows: number; bytes: number }): void => {
        take(key, "rows", rows);
        take(key, "bytes", bytes);
      },
    });
  };
}

/**
 * A hook that limits what is under way at once in this process. What is beyond is refused with RATE_LIMITED and a Retry-After; what is larger than the limit
 * by itself gets INPUT_TOO_LARGE. Rows and bytes count once the body has been read, before anything runs.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function limitConcurrency(options: ConcurrencyOptions): AccessHook {
  mustKnow(options, [...common, "retryAfterMs"]);
  const { per, operations, retryAfterMs = 1000 } = options;
  checkLimits(options);
  for (const kind of kinds) if (options[kind] !== undefined) mustBeWhole(kind, options[kind], 1);
  mustBeNumber("retryAfterMs", retryAfterMs, 1);
  const underWay = new Map<string, Record<Kind, number>>();

  function check(key: string, kind: Kind, count: number): void {
    const limit = options[kind];
    if (limit === undefined) return;
    if (count > limit) throw neverFits(kind, count, limit);
    if ((underWay.get(key)?.[kind] ?? 0) + count > limit) throw rateLimited(kind, `${limit} at once`, retryAfterMs);
  }

  return (request): Leave | undefined => {
    if (!isCounted(request, operations)) return undefined;
    const key = limitKeyOf(request, per);
    check(key, "requests", 1);
    const entry = underWay.get(key) ?? { requests: 0, rows: 0, bytes: 0 };
    underWay.set(key, entry);
    entry.requests++;
    const own = { rows: 0, bytes: 0 };
    const leave = (): void => {
      entry.requests--;
      entry.rows -= own.rows;
      entry.bytes -= own.bytes;
      if (entry.requests === 0) underWay.delete(key);
    };
    return Object.assign(leave, {
      weigh: ({ rows, bytes }: { rows: number; bytes: number }): void => {
        check(key, "rows", rows);
        check(key, "bytes", bytes);
        own.rows += rows;
        own.bytes += bytes;
        entry.rows += rows;
        entry.bytes += bytes;
      },
    });
  };
}

/** Whose a request is. */
export function limitKeyOf(request: AccessRequest, per: LimitKey = "caller"): string {
  if (typeof per === "function") return per(request);
  const { caller, address = "" } = request;
  if (per === "all") return "";
  // Told apart: nobody may choose a name that is somebody's address.
  return per === "caller" && caller !== undefined ? `caller ${caller.id}` : `address ${address}`;
}

/** Whether a request's operation is limited. */
export function isCounted({ operation }: AccessRequest, operations: readonly Operation[] = ["predict"]): boolean {
  return operations.includes(operation);
}

/** The refusal of a request that must wait. */
export function rateLimited(kind: string, limit: string, retryAfterMs: number): OverloadError {
  return new OverloadError("RATE_LIMITED", `too many ${kind}: the limit is ${limit}`, {
    details: { limited: kind, retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) },
  });
}

/** The refusal of a request that would never fit. */
export function neverFits(kind: string, count: number, limit: number): InputError {
  const issue = { path: "", expected: `at most ${limit} ${kind}`, received: String(count) };
  return new InputError("INPUT_TOO_LARGE", `request: expected ${issue.expected}, got ${count}`, { details: { limit, issues: [issue] } });
}

/** Checks who is counted, and that something is. @throws ConfigError CONFIG_INVALID */
export function checkLimits(options: LimitOptions & Partial<Record<Kind, unknown>>): void {
  const { per = "caller", operations = [] } = options;
  must(typeof per === "function" || ["caller", "address", "all"].includes(per), "per", '"caller", "address", "all" or a function', per);
  const known = ["predict", "metadata", "health", "control", "metrics"];
  must(
    Array.isArray(operations) && operations.every((each) => known.includes(each)),
    "operations",
    `some of ${known.join(", ")}`,
    operations,
  );
  must(
    kinds.some((kind) => options[kind] !== undefined),
    "options",
    "a limit for requests, rows or bytes",
    options,
  );
}
