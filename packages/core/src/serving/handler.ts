import { ConfigError, InputError, ModelError, type PrediktError } from "../errors/index.ts";
import type { AnyPredictor, ModelResolver, ModelSelector } from "../types/index.ts";
import { drainingError } from "./draining.ts";
import { errorReply, toPrediktError } from "./error-reply.ts";
import { InFlight } from "./in-flight.ts";
import type { NeutralReply, NeutralRequest } from "./neutral.ts";
import { type HandlerOptions, normalisePrefix, resolveLimits } from "./options.ts";
import { requestIdOf } from "./predict-options.ts";
import type { Host, Protocol, Route, RouteCall } from "./protocol.ts";
import { toResolver } from "./resolver.ts";
import { createRouter } from "./router.ts";
import { typedProtocol } from "./typed-protocol.ts";
import { headers } from "./wire/index.ts";

/** Answers requests for models, whatever framework they come through. */
export interface Handler {
  /** Path below which the routes lie, or `""`. */
  readonly prefix: string;
  /** Answers a request. Never rejects: every failure is a reply. */
  handle(request: NeutralRequest): Promise<NeutralReply>;
  /** Whether a path belongs to one of the routes, whatever its method. */
  matches(url: string): boolean;
  /** Refuses new predictions with 503 DRAINING and resolves once those under way are answered. Idempotent; the predictors stay open. */
  close(): Promise<void>;
}

/** What a request leaves behind for logs, filled in on its way. */
interface Trace {
  requestId: string;
  route: Route | undefined;
  code: string | undefined;
}

/**
 * Makes the handler that every adapter stands on.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function createHandler(options: HandlerOptions): Handler {
  const prefix = normalisePrefix("prefix", options.prefix);
  const base = normalisePrefix("base", options.base);
  const limits = resolveLimits(options.limits);
  const resolver = toResolver(options.models);
  const defaultName = options.default ?? onlyName(resolver);
  // What changes may not have come yet.
  if (options.default !== undefined && resolver.onChange === undefined && !resolver.list().some(({ name }) => name === options.default)) {
    throw new ConfigError("default", "the name of a model that is served", "another name");
  }
  const { serverTiming = false, access, onReply, onError } = options;
  const inFlight = new InFlight();
  const versions = new WeakMap<AnyPredictor, string>();
  let draining = false;
  const host: Host = {
    resolver,
    base,
    prefix,
    defaultName,
    title: options.title ?? "Predikt",
    limits,
    serverTiming,
    isDraining: () => draining,
    report,
    withPredictor,
    versionOf,
  };
  const protocols: readonly Protocol[] = [typedProtocol(host)];
  const match = createRouter(prefix, (segments) => {
    for (const protocol of protocols) {
      const route = protocol.find(segments);
      if (route !== undefined) return route;
    }
    return undefined;
  });

  function versionOf(predictor: AnyPredictor): string {
    // `info` is made anew at each look.
    let version = versions.get(predictor);
    if (version === undefined) {
      // It goes into a header. Half a surrogate pair has no encoding.
      version = predictor.info.version.replace(/\p{Surrogate}/gu, "\ufffd").replace(/[^\x21-\x7e]/gu, encodeURIComponent);
      versions.set(predictor, version);
    }
    return version;
  }

  async function withPredictor<T>(name: string, selector: ModelSelector, work: (predictor: AnyPredictor) => Promise<T>): Promise<T> {
    const lease = resolver.lease?.(name, selector);
    try {
      const predictor = lease?.predictor ?? resolver.resolve(name, selector);
      if (draining) throw drainingError();
      return await work(predictor);
    } finally {
      lease?.release();
    }
  }

  function answer(request: NeutralRequest, trace: Trace): NeutralReply | Promise<NeutralReply> {
    const requestId = requestIdOf(request);
    trace.requestId = requestId;
    const route = match(request.url);
    trace.route = route;
    if (route === undefined)
      throw new ModelError("MODEL_NOT_FOUND", `there is no such route; GET ${base}${request.base}${prefix}/docs lists them all`);
    if (route.methods.includes(request.method)) {
      const call = { request, requestId };
      return access === undefined ? route.answer(call) : admitted(call, route);
    }
    const allow = route.methods.join(", ");
    if (request.method === "OPTIONS") return { status: 204, headers: { allow, [headers.requestId]: requestId }, body: "" };
    throw new InputError("METHOD_NOT_ALLOWED", `method: expected ${allow}, got another one`, { details: { allow } });
  }

  async function admitted(call: RouteCall, { operation, model, answer }: Route): Promise<NeutralReply> {
    const { request, requestId } = call;
    const { method } = request;
    const leave = await access?.({ method, header: (name) => request.header(name), requestId, operation, model });
    try {
      return await answer(call);
    } finally {
      leave?.();
    }
  }

  function report(error: PrediktError, requestId: string): void {
    if (error.status >= 500 && onError !== undefined) shielded(() => onError(error, requestId));
  }

  function failure(thrown: unknown, request: NeutralRequest, trace: Trace): NeutralReply {
    if (request.signal.aborted) return { status: 499, headers: {}, body: "" };
    const error = toPrediktError(thrown);
    trace.code = error.code;
    report(error, trace.requestId);
    return errorReply(error, trace.requestId);
  }

  return {
    prefix,
    matches: (url) => match(url) !== undefined,
    async handle(request) {
      const startedAt = onReply === undefined ? 0 : performance.now();
      const trace: Trace = { requestId: "", route: undefined, code: undefined };
      inFlight.count++;
      let reply: NeutralReply;
      try {
        reply = await answer(request, trace);
      } catch (thrown) {
        reply = failure(thrown, request, trace);
      }
      inFlight.done();
      if (onReply !== undefined) {
        const { requestId, route, code } = trace;
        const { kind, model } = route ?? {};
        const { method } = request;
        shielded(() =>
          onReply({ requestId, method, route: kind, model, status: reply.status, code, durationMs: performance.now() - startedAt }),
        );
      }
      return reply;
    },
    async close() {
      draining = true;
      await inFlight.idle();
    },
  };
}

function onlyName(resolver: ModelResolver): string | undefined {
  const names = new Set(resolver.list().map((model) => model.name));
  return names.size === 1 ? [...names][0] : undefined;
}

/** A hook's own failure must not become the client's, nor the process's where the hook is async. */
function shielded(hook: () => unknown): void {
  try {
    const result = hook();
    if (result instanceof Promise) result.catch(() => {});
  } catch {
    // Nobody is left to tell.
  }
}
