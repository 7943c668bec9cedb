import { ConfigError, InputError, ModelError, type PrediktError } from "../errors/index.ts";
import type { AnyPredictor, ModelResolver, ModelSelector } from "../types/index.ts";
import { admit } from "./admission.ts";
import { createCors } from "./cors.ts";
import { drainingError } from "./draining.ts";
import { errorReply, toPrediktError } from "./error-reply.ts";
import { InFlight } from "./in-flight.ts";
import { monitorProtocol } from "./monitor/monitor-protocol.ts";
import { NotingRequest } from "./monitor/noting-request.ts";
import { createObserver } from "./monitor/observe.ts";
import type { NeutralReply, NeutralRequest } from "./neutral.ts";
import { oipProtocol } from "./oip/oip-protocol.ts";
import { type HandlerOptions, normalisePrefix, resolveLimits, resolveWire } from "./options.ts";
import { requestIdOf } from "./predict-options.ts";
import type { Host, Protocol, Route } from "./protocol.ts";
import { toResolver } from "./resolver.ts";
import { createRouter } from "./router.ts";
import { shielded } from "./shielded.ts";
import { tfProtocol } from "./tfserving/tf-protocol.ts";
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

/** What a request leaves behind on its way. */
interface Trace {
  readonly requestId: string;
  readonly route: Route | undefined;
  code: string | undefined;
  /** Who asks, where the access hook has found out. */
  caller: string | undefined;
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
  const wire = resolveWire(options);
  const resolver = toResolver(options.models);
  let defaultName = options.default ?? onlyName(resolver);
  // Where models come and go, it is the last one that was alone: one more changes nothing, nor does a while in which it is not ready.
  const stopNaming =
    options.default === undefined
      ? resolver.onChange?.(() => {
          defaultName = onlyName(resolver) ?? defaultName;
        })
      : undefined;
  // What changes may not have come yet.
  if (options.default !== undefined && resolver.onChange === undefined && !resolver.list().some(({ name }) => name === options.default)) {
    throw new ConfigError("default", "the name of a model that is served", "another name");
  }
  const { serverTiming = false, access, open = ["health"], onError } = options;
  if (!Array.isArray(open)) throw new ConfigError("open", "a list of operations", typeof open);
  const cors = options.cors === undefined ? undefined : createCors(options.cors);
  const observer = createObserver(options, resolver);
  const logsInputs = options.logger !== undefined && options.logInputs === true;
  const inFlight = new InFlight();
  const versions = new WeakMap<AnyPredictor, string>();
  let draining = false;
  const host: Host = {
    resolver,
    base,
    prefix,
    get defaultName() {
      return defaultName;
    },
    title: options.title ?? "Predikt",
    limits,
    serverTiming,
    wire,
    shows: { metrics: options.metrics !== undefined, status: options.status ?? true },
    isDraining: () => draining,
    report,
    withPredictor,
    versionOf,
  };
  const protocols: Protocol[] = [typedProtocol(host), monitorProtocol(host, options.metrics)];
  if (wire.protocols.includes("oip")) protocols.push(oipProtocol(host));
  if (wire.protocols.includes("tfserving")) protocols.push(tfProtocol(host));
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
    const { requestId, route } = trace;
    if (route === undefined)
      throw new ModelError("MODEL_NOT_FOUND", `there is no such route; GET ${base}${request.base}${prefix}/docs lists them all`);
    if (route.methods.includes(request.method)) {
      const call = { request, requestId };
      if (access === undefined || open.includes(route.operation)) return route.answer(call);
      return admit(access, call, route, (id) => {
        trace.caller = id;
      });
    }
    const allow = route.methods.join(", ");
    if (request.method === "OPTIONS") return { status: 204, headers: { allow, [headers.requestId]: requestId }, body: "" };
    throw new InputError("METHOD_NOT_ALLOWED", `method: expected ${allow}, got another one`, { details: { allow } });
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
      const trace: Trace = { requestId: requestIdOf(request), route: match(request.url), code: undefined, caller: undefined };
      const observed = observer?.begin(request, trace);
      const noting = logsInputs ? new NotingRequest(request) : undefined;
      inFlight.count++;
      let reply: NeutralReply;
      try {
        const own = noting ?? request;
        reply = await (observed === undefined ? answer(own, trace) : observed.run(() => answer(own, trace)));
      } catch (thrown) {
        reply = failure(thrown, request, trace);
      }
      if (cors !== undefined && reply.status !== 499) cors.add(request, reply, trace.route?.methods ?? []);
      inFlight.done();
      observed?.end({ status: reply.status, code: trace.code, caller: trace.caller, input: noting?.input });
      return reply;
    },
    async close() {
      draining = true;
      await inFlight.idle();
      stopNaming?.();
      for (const protocol of protocols) protocol.close?.();
      observer?.close();
    },
  };
}

/** The only model that there is, ready or not; one that nobody has asked for yet does not count. */
function onlyName(resolver: ModelResolver): string | undefined {
  const present = resolver.index?.().filter(({ state }) => state !== "UNKNOWN") ?? resolver.list();
  const names = new Set(present.map((model) => model.name));
  return names.size === 1 ? [...names][0] : undefined;
}
