import { type ErrorCode, errorTable } from "@predikt/core";
import type { ReplyEvent } from "@predikt/core/serving";
import type { Instruments } from "./instruments.ts";

/** Counts a request. Its path's model is the client's word, so that it is no label. */
export function recordReply({ httpRequests, httpDuration, httpRejected }: Instruments, event: ReplyEvent): void {
  const { route = "unknown", status, code, operation, durationMs } = event;
  httpRequests.inc({ route, status: String(status) });
  httpDuration.observe({ route }, durationMs / 1000);
  if (code !== undefined && operation !== "health" && wasTurnedAway(code)) httpRejected.inc({ reason: code });
}

/** Whether a request came to no model: access, rate limits, a server that starts or drains. QUEUE_FULL is a model's own, and counted there. */
function wasTurnedAway(code: string): boolean {
  const row = errorTable[code as ErrorCode];
  if (row?.status === 429) return code !== "QUEUE_FULL";
  return row?.kind === "AccessError" || row?.kind === "LifecycleError";
}
