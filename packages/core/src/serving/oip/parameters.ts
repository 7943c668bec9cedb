import type { InputError } from "../../errors/index.ts";
import { mismatch } from "../../errors/mismatch.ts";
import { describe } from "../../tensor/index.ts";
import type { PredictOptions } from "../../types/index.ts";
import type { OipParameters } from "../wire/oip/index.ts";

/** Longest time limit, in milliseconds, that timers can count. */
const longestMs = 2 ** 31 - 1;

/**
 * The predict options that a request's parameters ask for, over those given: `priority` (1 is high, 0 and 2 normal, 3 and more low) and `timeout` (whole
 * microseconds; 0 means none of its own), of which the shorter limit holds. Others are left alone, as Triton does.
 *
 * @throws InputError INPUT_VALUE
 */
export function withParameters(options: PredictOptions, { priority, timeout }: OipParameters): PredictOptions {
  if (priority === undefined && timeout === undefined) return options;
  const level = toWhole(priority ?? -1, "priority", -1);
  const micros = toWhole(timeout ?? 0, "timeout", 0);
  if (micros / 1000 > longestMs) throw wrong("timeout", timeout, `at most ${longestMs * 1000} microseconds`);
  const { timeoutMs = Infinity } = options;
  return {
    ...options,
    ...(level < 0 ? {} : { priority: level === 1 ? "high" : level > 2 ? "low" : "normal" }),
    ...(micros === 0 ? {} : { timeoutMs: Math.min(timeoutMs, micros / 1000) }),
  };
}

/** Parameters are numbers, or decimal strings where a client has no wide ones, or bigints where a parser made some. */
function toWhole(value: unknown, name: string, min: number): number {
  const text = typeof value === "bigint" || (typeof value === "string" && /^\d{1,19}$/.test(value));
  const number = text ? Number(value) : value;
  if (Number.isInteger(number) && (number as number) >= min) return number as number;
  throw wrong(name, value, "a whole number ≥ 0");
}

function wrong(name: string, value: unknown, expected: string): InputError {
  return mismatch("INPUT_VALUE", `parameters.${name}`, expected, describe(value));
}
