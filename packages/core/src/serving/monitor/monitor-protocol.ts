import type { NeutralReply } from "../neutral.ts";
import type { Host, Protocol, Route, RouteCall } from "../protocol.ts";
import { createStatus } from "../status/create-status.ts";
import { headers, jsonReply, toJson } from "../wire/index.ts";
import type { MetricsSource } from "./metrics.ts";

const methods = ["GET", "HEAD"] as const;
const route = { operation: "metrics", methods } as const;

/** What shows how the server fares: metrics for programs, the status page for people. */
export function monitorProtocol(host: Host, metrics: MetricsSource | undefined): Protocol {
  const status = host.shows.status ? createStatus(host) : undefined;
  return {
    find(segments): Route | undefined {
      if (segments.length !== 1) return undefined;
      const [name] = segments;
      if (name === "metrics" && metrics !== undefined) return { ...route, kind: "metrics", answer: (call) => rendered(metrics, call) };
      if (name === "status" && status !== undefined) return { ...route, kind: "status", answer: status.page };
      if (name !== "status.json" || status === undefined) return undefined;
      const head = { "content-type": jsonReply, "cache-control": "no-store" };
      return {
        ...route,
        kind: "status-json",
        answer: ({ requestId }) => ({
          status: 200,
          headers: { ...head, [headers.requestId]: requestId },
          body: toJson(status.numbers()),
        }),
      };
    },
    close: () => status?.close(),
  };
}

async function rendered(metrics: MetricsSource, { requestId }: RouteCall): Promise<NeutralReply> {
  const body = await metrics.render();
  return {
    status: 200,
    headers: { "content-type": metrics.contentType, "cache-control": "no-store", [headers.requestId]: requestId },
    body,
  };
}
