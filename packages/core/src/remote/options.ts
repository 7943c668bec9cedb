import type { HttpOptions } from "../http/link.ts";
import { callable, checkRules, isObject, isString, limit, oneOf, type Rule, type Rules, whole } from "../runtime/option-rules.ts";

/** Options of a model on other machines, whatever its protocol. */
export interface FleetOptions {
  /** The model's name there. Default: `source`, else the definition's name. */
  readonly model?: string | undefined;
  /** The version to ask for. Default: the server chooses. */
  readonly version?: string | undefined;
  /** Requests under way at once, over all endpoints; more wait in the predictor's queue, the most urgent first. Minimum 1, default 32. */
  readonly concurrency?: number | undefined;
  /**
   * Further attempts after a failure that may pass: no connection, a connection that broke before the first byte of a reply, 429, 502 or 503. The next
   * untried endpoint is asked at once; where there is none, after a wait. Minimum 0, default 2.
   */
  readonly retries?: number | undefined;
  /** The first wait is random between 0 and this many milliseconds; each further one may be twice as long. Retry-After is a minimum. Default: 100. */
  readonly retryDelayMs?: number | undefined;
  /** A wait longer than this many milliseconds is not made: the call fails at once, as it does where its time limit would pass. Default: 10,000. */
  readonly maxRetryDelayMs?: number | undefined;
  /**
   * Milliseconds that one request may take, whatever its caller's limit: then it is ended and fails with DEADLINE_EXCEEDED, which counts as a failure of the
   * endpoint. Minimum 1, default 120,000; Infinity for none, but Node's fetch ends by itself what has not answered after 300,000.
   */
  readonly requestTimeoutMs?: number | undefined;
  /** When an endpoint is left alone. */
  readonly circuit?: CircuitOptions | undefined;
  /** How endpoints are watched where there are several, and a lone one while it is left alone; `false` for not at all. */
  readonly probes?: ProbeOptions | false | undefined;
}

/** When an endpoint is left alone: its circuit is open. */
export interface CircuitOptions {
  /** Failures in a row after which it is: no connection, a reply that broke off, 502, 503 that is no full queue, or no answer in time. Minimum 1, default 5. */
  readonly failures?: number | undefined;
  /** Milliseconds until one request is let through on trial. Minimum 1, default 10,000. */
  readonly restMs?: number | undefined;
}

/** Health probes. */
export interface ProbeOptions {
  /** Milliseconds between two of them. Minimum 1, default 5000. */
  readonly intervalMs?: number | undefined;
  /** Milliseconds after which one has failed. Minimum 1, default 2000. */
  readonly timeoutMs?: number | undefined;
}

/** Options of `remote`. */
export interface RemoteOptions extends FleetOptions, HttpOptions {
  /**
   * What the server speaks: `"oip"` is the Open Inference Protocol v2 over REST (Triton, KServe, MLServer, Predikt), `"tfserving"` TensorFlow Serving's REST
   * API v1. `"auto"` asks for the model by one and then by the other. Default: `"auto"`.
   */
  readonly protocol?: "oip" | "tfserving" | "auto" | undefined;
  /** The label of the version to ask for; instead of `version`, and with TensorFlow Serving's protocol only. */
  readonly label?: string | undefined;
  /** Which of a TensorFlow model's signatures to run. Default: `"serving_default"`. */
  readonly signatureName?: string | undefined;
  /**
   * Whether tensors travel as bytes where the protocol is OIP: exact, and several times faster than JSON. `"auto"`: where the server says that it has the
   * extension `binary_tensor_data`; KServe's Python servers have it and do not say so. Default: `"auto"`.
   */
  readonly binary?: boolean | "auto" | undefined;
}

const milliseconds: Rule = {
  expected: "milliseconds from 1 to 2147483647, or Infinity",
  fits: (value) => value === Infinity || whole(1, 2 ** 31 - 1).fits(value),
};
const word: Rule = { expected: "a string that is not empty", fits: (value) => isString(value) && value !== "" };
const anyHeaders: Rule = { expected: "an object of strings, or a function", fits: (value) => isObject(value) || callable.fits(value) };
const atLeastOne: Rule = { expected: "a number ≥ 1", fits: (value) => typeof value === "number" && value >= 1 };

/**
 * Checks the options of a remote backend: {@link FleetOptions}, and those that its protocol has beside them.
 *
 * @param own The rules of these, by name.
 * @throws ConfigError CONFIG_INVALID
 */
export function checkFleetOptions({ probes, ...options }: FleetOptions, own: Rules): void {
  checkRules(probes === false ? options : { probes, ...options }, { ...fleetRules, ...own });
}

const fleetRules: Rules = {
  model: word,
  version: word,
  concurrency: whole(1),
  retries: whole(0),
  retryDelayMs: limit,
  maxRetryDelayMs: limit,
  requestTimeoutMs: milliseconds,
  circuit: { inner: { failures: whole(1), restMs: milliseconds } },
  probes: { inner: { intervalMs: milliseconds, timeoutMs: milliseconds } },
};

/** The rules of what {@link RemoteOptions} has beyond {@link FleetOptions}. */
export const remoteRules: Rules = {
  protocol: oneOf("oip", "tfserving", "auto"),
  label: word,
  signatureName: word,
  binary: { expected: 'true, false or "auto"', fits: (value) => typeof value === "boolean" || value === "auto" },
  headers: anyHeaders,
  fetch: callable,
  maxReplyBytes: atLeastOne,
};
