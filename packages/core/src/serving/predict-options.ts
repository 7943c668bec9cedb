import type { InputError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import type { PredictOptions, Priority } from "../types/index.ts";
import type { NeutralRequest } from "./neutral.ts";
import { headers } from "./wire/index.ts";

/** What of a request says how it is to be answered. */
export type OptionSource = Pick<NeutralRequest, "header" | "signal">;

/** The request's own id where it is 1 to 128 visible ASCII characters, else a new UUID: a proxy may send two, or odd ones, and no request is worth less for it. */
export function requestIdOf(request: Pick<NeutralRequest, "header">): string {
  const id = request.header(headers.requestId);
  return id !== undefined && /^[\x21-\x7e]{1,128}$/.test(id) ? id : crypto.randomUUID();
}

/**
 * Reads the predict options out of the headers.
 *
 * @param transfer As the option of that name.
 * @throws InputError INPUT_VALUE naming the header that is wrong.
 */
export function predictOptions(request: OptionSource, requestId: string, capMs: number | undefined, transfer?: boolean): PredictOptions {
  const priority = request.header(headers.priority);
  if (priority !== undefined && !isPriority(priority)) throw badHeader(headers.priority, "high, normal or low", "another word");
  const routingKey = request.header(headers.routingKey);
  if (routingKey !== undefined && (routingKey === "" || routingKey.length > 256))
    throw badHeader(headers.routingKey, "1 to 256 characters", `${routingKey.length}`);
  return {
    signal: request.signal,
    timeoutMs: timeoutOf(request.header(headers.timeoutMs), capMs),
    priority,
    requestId,
    routingKey,
    transfer,
  };
}

function timeoutOf(text: string | undefined, capMs: number | undefined): number | undefined {
  if (text === undefined) return capMs;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (!(value > 0 && value <= 2 ** 31 - 1)) throw badHeader(headers.timeoutMs, "milliseconds between 0 and 2147483647", "something else");
  return capMs === undefined ? value : Math.min(value, capMs);
}

function isPriority(text: string): text is Priority {
  return text === "high" || text === "normal" || text === "low";
}

function badHeader(name: string, expected: string, received: string): InputError {
  return mismatch("INPUT_VALUE", name, expected, received, `header "${name}"`);
}
