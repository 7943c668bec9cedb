import { ConfigError, type PrediktError } from "../errors/index.ts";
import { must, mustBeOneOf } from "../tensor/index.ts";
import type { AnyPredictor, ModelResolver } from "../types/index.ts";
import type { AccessHook } from "./access.ts";
import type { CorsOptions } from "./cors.ts";
import type { RequestJobs } from "./monitor/follow-jobs.ts";
import type { Logger } from "./monitor/logger.ts";
import type { MetricsSource } from "./monitor/metrics.ts";
import type { Tracing } from "./monitor/tracing.ts";
import type { Operation } from "./protocol.ts";
import type { NonFiniteJson } from "./wire/oip/index.ts";

/** A wire protocol that can be switched off. */
export type WireProtocol = "oip" | "tfserving";

/** Limits on what a request may bring. */
export interface HandlerLimits {
  /** Bytes of a JSON body, after inflation. At least 1. Default: 4 MiB. */
  readonly jsonBytes?: number | undefined;
  /** Bytes of an `application/octet-stream` body, after inflation. At least 1. Default: 64 MiB. */
  readonly binaryBytes?: number | undefined;
  /** Items of one `/batch` request. At least 1. Default: 1024. */
  readonly batchItems?: number | undefined;
  /** Longest time in milliseconds that a prediction may take, whatever the request's header asks for. Default: none. */
  readonly timeoutMs?: number | undefined;
}

/** What happened to one request, for logs and metrics. */
export interface ReplyEvent {
  readonly requestId: string;
  readonly method: string;
  /** The kind of route, e.g. `predict`; undefined for an unknown one. */
  readonly route: string | undefined;
  readonly operation: Operation | undefined;
  /** As the path names it, whether there is one or not. */
  readonly model: string | undefined;
  /** The version that answered, where one did. */
  readonly version: string | undefined;
  /** 499 where the client went away first. */
  readonly status: number;
  /** The error code, where there was one. */
  readonly code: string | undefined;
  /** From the handler's first look at the request until its reply was ready. */
  readonly durationMs: number;
  /** Who asked, where the access hook has found out. */
  readonly caller: string | undefined;
  /** What became of it in the models, where it came that far. */
  readonly jobs: RequestJobs | undefined;
}

/** Options of `createHandler` and of every adapter. */
export interface HandlerOptions {
  /** What is served: predictors, or something that finds them (a registry). Whoever made them closes them. */
  readonly models: readonly AnyPredictor[] | ModelResolver;
  /** Name of the model that answers `POST {prefix}/predict`. Default: the only one, where there is only one; in a registry the last that was. */
  readonly default?: string | undefined;
  /** Path below which the routes lie, e.g. `/api`. Default: `""`. Adapters with mounting of their own set it themselves. */
  readonly prefix?: string | undefined;
  /**
   * Path in front of `prefix` that a proxy or a mount takes away before requests come here, e.g. `/tenant` behind Hono's `app.mount("/tenant", …)`. It
   * appears in the documents' links only. Default: `""`; Express tells its own.
   */
  readonly base?: string | undefined;
  readonly limits?: HandlerLimits | undefined;
  /**
   * Wire protocols beside the typed route, which is always there: `"oip"` is the Open Inference Protocol v2 (Triton, KServe, MLServer) below `/v2`,
   * `"tfserving"` is TensorFlow Serving's REST API below `/v1`. Default: both.
   */
  readonly protocols?: readonly WireProtocol[] | undefined;
  /**
   * Whether clients may list, load and unload models over OIP's model repository extension; loading and unloading need `models` to be a registry. Guard
   * it with `access`: its operation is `control`. Pages of other origins are refused, unless the hook has named a caller. Default: false.
   */
  readonly control?: boolean | undefined;
  /**
   * How JSON of the wire protocols shows NaN and the infinities: `"string"` as "NaN", "Infinity" and "-Infinity", `"null"` all three as null, `"token"`
   * as the bare words that Triton and TensorFlow Serving write, which is not JSON. Requests may have any of them. Default: `"string"`.
   */
  readonly nonFiniteJson?: NonFiniteJson | undefined;
  /** Send a `Server-Timing` header with queue, encode, run and decode times. Default: false. */
  readonly serverTiming?: boolean | undefined;
  /** Title of the OpenAPI document and the docs page. Default: `"Predikt"`. */
  readonly title?: string | undefined;
  /** Decides who may do what. Default: everybody everything that is mounted. */
  readonly access?: AccessHook | undefined;
  /** Operations that `access` is not asked about. Default: `["health"]`, since load balancers have no credentials. */
  readonly open?: readonly Operation[] | undefined;
  /** Which pages of other origins may call. Default: none; a page's own origin always may. */
  readonly cors?: CorsOptions | undefined;
  /** Called with every error that becomes a 5xx reply, or one item of a batch with such a status, whole: the client is not told its cause. */
  readonly onError?: ((error: PrediktError, requestId: string) => void) | undefined;
  /** What `GET {prefix}/metrics` shows, e.g. `await createMetrics()` of `@predikt/node/metrics`. Default: there is no such route. */
  readonly metrics?: MetricsSource | undefined;
  /**
   * The page `GET {prefix}/status` for people, and its numbers as `status.json`. Nothing is recorded until somebody looks, and nothing more a minute
   * after nobody does. Default: true.
   */
  readonly status?: boolean | undefined;
  /** Takes one line for each request: pino's logger or one like it. Default: nothing is logged. */
  readonly logger?: Logger | undefined;
  /** Put bodies into the log lines, their first 4096 characters; of binary ones only the length. They are users' data. Default: false. */
  readonly logInputs?: boolean | undefined;
  /** Puts requests into traces, e.g. `await createTracing()` of `@predikt/node/otel`. Default: none. */
  readonly tracing?: Tracing | undefined;
  /** Called once for each request when its reply is ready. */
  readonly onReply?: ((event: ReplyEvent) => void) | undefined;
}

/** Limits with their defaults filled in. */
export interface ResolvedLimits {
  readonly jsonBytes: number;
  readonly binaryBytes: number;
  readonly batchItems: number;
  readonly timeoutMs: number | undefined;
}

/** Options of the wire protocols with their defaults filled in. */
export interface ResolvedWire {
  readonly protocols: readonly WireProtocol[];
  readonly control: boolean;
  readonly nonFiniteJson: NonFiniteJson;
}

/** Fills in the limits' defaults. @throws ConfigError CONFIG_INVALID */
export function resolveLimits(limits: HandlerLimits = {}): ResolvedLimits {
  const { jsonBytes = 4 * 2 ** 20, binaryBytes = 64 * 2 ** 20, batchItems = 1024, timeoutMs } = limits;
  const all: ResolvedLimits = { jsonBytes, binaryBytes, batchItems, timeoutMs };
  for (const [key, value] of Object.entries(all)) {
    if (value !== undefined && !(typeof value === "number" && value >= 1))
      throw new ConfigError(`limits.${key}`, "a number ≥ 1", String(value));
  }
  return all;
}

/** The options of the wire protocols with their defaults filled in. @throws ConfigError CONFIG_INVALID */
export function resolveWire({ protocols = ["oip", "tfserving"], control = false, nonFiniteJson = "string" }: HandlerOptions): ResolvedWire {
  must(Array.isArray(protocols), "protocols", 'a list of "oip" and "tfserving"', protocols);
  for (const [index, name] of protocols.entries()) mustBeOneOf(["oip", "tfserving"], `protocols[${index}]`, name);
  must(typeof control === "boolean", "control", "true or false", control);
  mustBeOneOf(["string", "null", "token"], "nonFiniteJson", nonFiniteJson);
  return { protocols, control, nonFiniteJson };
}

/** A path with one leading and no trailing slash, or `""`. @throws ConfigError CONFIG_INVALID */
export function normalisePrefix(option: string, path = ""): string {
  if (typeof path !== "string" || /[?#\s]/.test(path))
    throw new ConfigError(option, "a path such as /api", typeof path === "string" ? "one with ?, # or spaces" : typeof path);
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? "" : `/${trimmed}`;
}
