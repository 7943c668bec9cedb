import type { ReplyEvent } from "@predikt/core/serving";
import type { Instruments } from "./instruments.ts";

/** Codes of requests that were turned away before a model had them. QUEUE_FULL is a model's own, and counted there. */
const refusals = new Set(["UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED", "NOT_READY", "DRAINING", "CLOSED"]);

/** Counts a request. Its path's model is the client's word, so that it is no label. */
export function recordReply({ httpRequests, httpDuration, httpRejected }: Instruments, event: ReplyEvent): void {
  const { route = "unknown", status, code, operation, durationMs } = event;
  httpRequests.inc({ route, status: String(status) });
  httpDuration.observe({ route }, durationMs / 1000);
  if (code !== undefined && operation !== "health" && refusals.has(code)) httpRejected.inc({ reason: code });
}
