import type { ReplyEvent } from "../options.ts";

/** What writes log lines: pino's own logger, a child of one, Fastify's `app.log`, or anything of that form. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Longer ones in a log are the client's doing. */
const longest = 128;

/**
 * Writes the line of one request: `error` for a 5xx, `warn` for a 4xx, else `info`, but `debug` for health checks and metrics, which come all the time.
 * A client that went away (499) is no warning.
 */
export function logReply(logger: Logger, event: ReplyEvent, input: string | undefined): void {
  const { requestId, method, route, operation, model, version, status, code, durationMs, jobs } = event;
  const fields: Record<string, unknown> = { requestId, method, route: route ?? "unknown", status };
  if (model !== undefined) fields["model"] = model.slice(0, longest);
  if (version !== undefined) fields["version"] = version;
  if (code !== undefined) fields["code"] = code;
  fields["durationMs"] = rounded(durationMs);
  if (jobs !== undefined) {
    const { count, failed, batchSize, timings } = jobs;
    for (const part of ["encodeMs", "queueMs", "runMs", "decodeMs"] as const) fields[part] = rounded(timings[part]);
    fields["batchSize"] = batchSize;
    if (count > 1) Object.assign(fields, { items: count, failedItems: failed });
  }
  if (input !== undefined) fields["input"] = input;
  logger[levelOf(status, operation)](fields, `${method} ${fields["route"]} ${status}`);
}

function levelOf(status: number, operation: ReplyEvent["operation"]): keyof Logger {
  if (status >= 500) return "error";
  if (status >= 400 && status !== 499) return "warn";
  return operation === "health" || operation === "metrics" ? "debug" : "info";
}

/** Microseconds are enough. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
