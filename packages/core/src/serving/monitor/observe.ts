import type { ModelResolver } from "../../types/index.ts";
import type { NeutralReply, NeutralRequest } from "../neutral.ts";
import type { HandlerOptions, ReplyEvent } from "../options.ts";
import type { Route } from "../protocol.ts";
import { shielded } from "../shielded.ts";
import { followJobs } from "./follow-jobs.ts";
import { logReply } from "./logger.ts";
import { NotingRequest } from "./noting-request.ts";
import type { TracedCall } from "./tracing.ts";

/** What a request leaves behind on its way. */
export interface Trace {
  requestId: string;
  route: Route | undefined;
  code: string | undefined;
  /** Who asks, where the access hook has found out. */
  caller: string | undefined;
}

/** One request that is watched. */
export interface Observation {
  /** In place of the request itself. */
  readonly request: NeutralRequest;
  run<T>(work: () => T): T;
  end(reply: NeutralReply, trace: Trace): void;
}

/** Tells whoever asked of each request: logs, metrics, traces, a hook. */
export interface Observer {
  begin(request: NeutralRequest, trace: Trace): Observation;
  close(): void;
}

/** Makes an observer of what the options ask for; undefined where they ask for nothing, so that nothing is paid. */
export function createObserver(options: HandlerOptions, resolver: ModelResolver): Observer | undefined {
  const { onReply, logger, logInputs = false, metrics, tracing } = options;
  const unwatch = metrics?.watch?.(resolver);
  if (onReply === undefined && logger === undefined && tracing === undefined && metrics?.reply === undefined)
    return unwatch === undefined ? undefined : { begin: unobserved, close: unwatch };
  const follower = onReply === undefined && logger === undefined && tracing === undefined ? undefined : followJobs(resolver);

  return {
    close() {
      unwatch?.();
      follower?.close();
    },
    begin(request, { requestId, route }) {
      const startedAt = performance.now();
      const noting = logger !== undefined && logInputs ? new NotingRequest(request) : undefined;
      const { method, signal } = request;
      const { kind, operation, model } = route ?? {};
      let traced: TracedCall | undefined;
      shielded(() => {
        traced = tracing?.request({ method, header: (name) => request.header(name), signal, requestId, route: kind, operation, model });
      });
      const jobsOf = operation === "predict" ? follower?.follow(signal) : undefined;
      return {
        request: noting ?? request,
        run: (work) => (traced === undefined ? work() : traced.run(work)),
        end({ status }, { code, caller }) {
          const jobs = jobsOf?.();
          const durationMs = performance.now() - startedAt;
          const event: ReplyEvent = {
            requestId,
            method,
            route: kind,
            operation,
            model,
            version: jobs?.version,
            status,
            code,
            caller,
            durationMs,
            jobs,
          };
          for (const tell of [
            () => traced?.end(event),
            () => metrics?.reply?.(event),
            () => logger !== undefined && logReply(logger, event, noting?.input),
            () => onReply?.(event),
          ])
            shielded(tell);
        },
      };
    },
  };
}

function unobserved(request: NeutralRequest): Observation {
  return { request, run: (work) => work(), end: () => {} };
}
