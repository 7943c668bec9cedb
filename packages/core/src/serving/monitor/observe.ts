import type { ModelResolver } from "../../types/index.ts";
import type { NeutralRequest } from "../neutral.ts";
import type { HandlerOptions, ReplyEvent } from "../options.ts";
import type { Route } from "../protocol.ts";
import { shielded } from "../shielded.ts";
import { followJobs } from "./follow-jobs.ts";
import { logReply } from "./logger.ts";
import type { TracedCall } from "./tracing.ts";

/** What is known of a request when it begins. */
export interface Begun {
  readonly requestId: string;
  /** Where it leads; undefined where that is nowhere. */
  readonly route: Pick<Route, "kind" | "operation" | "model"> | undefined;
  /** When it came, by `performance.now()`. Default: now. */
  readonly startedAt?: number | undefined;
}

/** What has become of it. */
export interface Ended extends Pick<ReplyEvent, "status" | "code" | "caller"> {
  /** Its body, where that is to stand in the log. */
  readonly input?: string | undefined;
}

/** One request that is watched. */
export interface Observation {
  /** Calls the function so that what it starts belongs to the request. */
  run<T>(work: () => T): T;
  end(ended: Ended): void;
}

/** Tells whoever asked of each request: logs, metrics, traces, a hook. */
export interface Observer {
  begin(request: Pick<NeutralRequest, "method" | "header" | "signal">, known: Begun): Observation;
  close(): void;
}

/** Who may be told. */
export type ObserverOptions = Pick<HandlerOptions, "onReply" | "logger" | "metrics" | "tracing">;

/** Makes an observer of what the options ask for; undefined where they ask for nothing, so that nothing is paid. */
export function createObserver(options: ObserverOptions, resolver: ModelResolver): Observer | undefined {
  const { onReply, logger, metrics, tracing } = options;
  const unwatch = metrics?.watch?.(resolver);
  if (onReply === undefined && logger === undefined && tracing === undefined && metrics?.reply === undefined)
    return unwatch === undefined ? undefined : { begin: unobserved, close: unwatch };
  const follower = onReply === undefined && logger === undefined && tracing === undefined ? undefined : followJobs(resolver);

  return {
    close() {
      unwatch?.();
      follower?.close();
    },
    begin(request, { requestId, route, startedAt = performance.now() }) {
      const { method, signal } = request;
      const { kind, operation, model } = route ?? {};
      let traced: TracedCall | undefined;
      shielded(() => {
        traced = tracing?.request({ method, header: (name) => request.header(name), signal, requestId, route: kind, operation, model });
      });
      const jobsOf = operation === "predict" ? follower?.follow(signal) : undefined;
      return {
        run: (work) => (traced === undefined ? work() : traced.run(work)),
        end({ status, code, caller, input }) {
          const jobs = jobsOf?.();
          const durationMs = performance.now() - startedAt;
          const version = jobs?.version;
          const event: ReplyEvent = { requestId, method, route: kind, operation, model, version, status, code, caller, durationMs, jobs };
          for (const tell of [
            () => traced?.end(event),
            () => metrics?.reply?.(event),
            () => logger !== undefined && logReply(logger, event, input),
            () => onReply?.(event),
          ])
            shielded(tell);
        },
      };
    },
  };
}

function unobserved(): Observation {
  return { run: (work) => work(), end: () => {} };
}
