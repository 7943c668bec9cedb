import { ConfigError } from "../errors/index.ts";
import { must, mustBeNumber, mustKnow } from "../tensor/index.ts";
import type { NeutralReply, NeutralRequest } from "./neutral.ts";
import { headers } from "./wire/index.ts";

/** Which pages of other origins may call. */
export interface CorsOptions {
  /** `"*"` for all, a list such as `["https://app.example.com"]`, or a function. */
  readonly origins: "*" | readonly string[] | ((origin: string) => boolean);
  /** Whether browsers may send cookies and other credentials of their own; not with `"*"`. An `authorization` header that the page sets needs no such leave. Default: false. */
  readonly credentials?: boolean | undefined;
  /** Request headers that may be sent beside those that the protocols have. Default: none. */
  readonly requestHeaders?: readonly string[] | undefined;
  /** How long a browser may remember a preflight's answer, in milliseconds. At least 0. Default: 600,000. */
  readonly maxAgeMs?: number | undefined;
}

/** The headers of a request that pages may set. */
const askedHeaders = [
  "content-type",
  "authorization",
  "x-api-key",
  headers.requestId,
  headers.timeoutMs,
  headers.priority,
  headers.routingKey,
  headers.shape,
  headers.dtype,
  "inference-header-content-length",
  "traceparent",
  "tracestate",
];

/** The headers of a reply that pages may read. */
const shownHeaders = [
  headers.requestId,
  headers.modelVersion,
  headers.shape,
  headers.dtype,
  "inference-header-content-length",
  "retry-after",
  "server-timing",
  "www-authenticate",
];

/** Adds to a reply what lets the page that asked read it; and answers preflights. */
export interface Cors {
  /** Whether this request is a preflight: then it has no credentials, and is no request for anything. */
  isPreflight(request: NeutralRequest): boolean;
  add(request: NeutralRequest, reply: NeutralReply, methods: readonly string[]): void;
}

/** Makes a {@link Cors}. @throws ConfigError CONFIG_INVALID */
export function createCors(options: CorsOptions): Cors {
  mustKnow(options, ["origins", "credentials", "requestHeaders", "maxAgeMs"], "cors");
  const { origins, credentials = false, requestHeaders = [], maxAgeMs = 600_000 } = options;
  must(typeof credentials === "boolean", "cors.credentials", "true or false", credentials);
  if (origins === "*" && credentials) throw new ConfigError("cors.origins", "a list or a function, since there are credentials", '"*"');
  const named = Array.isArray(origins) && origins.every(isOrigin);
  must(
    origins === "*" || typeof origins === "function" || named,
    "cors.origins",
    '"*", a list of origins such as https://a.example, or a function',
    origins,
  );
  const tokens = Array.isArray(requestHeaders) && requestHeaders.every((name) => /^[\w-]+$/.test(name));
  must(tokens, "cors.requestHeaders", "names of headers", requestHeaders);
  mustBeNumber("cors.maxAgeMs", maxAgeMs, 0);
  const allowed = [...askedHeaders, ...requestHeaders].join(", ");
  const exposed = shownHeaders.join(", ");
  const mayAsk = (origin: string): boolean => {
    if (typeof origins === "function") return judged(origins, origin);
    return origins === "*" || origins.includes(origin);
  };
  const isPreflight = (request: NeutralRequest): boolean =>
    request.method === "OPTIONS" && request.header("origin") !== undefined && request.header("access-control-request-method") !== undefined;
  return {
    isPreflight,
    add(request, reply, methods) {
      const head = reply.headers;
      // Also where the page may not ask: a cache in between must not give its answer to one that may.
      if (origins !== "*") head["vary"] = head["vary"] === undefined ? "origin" : `${head["vary"]}, origin`;
      const origin = request.header("origin");
      if (origin === undefined || !mayAsk(origin)) return;
      head["access-control-allow-origin"] = origins === "*" ? "*" : origin;
      if (credentials) head["access-control-allow-credentials"] = "true";
      if (!isPreflight(request)) head["access-control-expose-headers"] = exposed;
      else {
        head["access-control-allow-methods"] = methods.join(", ");
        head["access-control-allow-headers"] = allowed;
        head["access-control-max-age"] = String(Math.floor(maxAgeMs / 1000));
      }
    },
  };
}

/** A function that fails has not said yes. */
function judged(judge: (origin: string) => boolean, origin: string): boolean {
  try {
    return judge(origin) === true;
  } catch {
    return false;
  }
}

function isOrigin(origin: unknown): boolean {
  if (typeof origin !== "string") return false;
  try {
    return new URL(origin).origin === origin || origin === "null";
  } catch {
    return origin === "null";
  }
}
