import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ConfigError, ModelError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import { checkName } from "../model/check-name.ts";
import { checkSignal, checkTimeout } from "../predictor/options.ts";
import { describe, must, mustBeWhole } from "../tensor/index.ts";
import type { AnyPredictor, Clock, PredictOptions, PredictorEvent } from "../types/index.ts";

/** Options of everything that wraps predictors. */
export interface WrapOptions {
  /** Whether closing it closes its members too. Default: false: whoever made them closes them. */
  readonly closeMembers?: boolean | undefined;
  /** Items of one `predictMany` under way at once; keep it below the members' `queueLimit`. At least 1. Default: 256. */
  readonly itemsAtOnce?: number | undefined;
  /** `timeoutMs` of calls that name none; it is the whole's. Default: none. */
  readonly timeoutMs?: number | undefined;
  /** Hears every event from the start. */
  readonly onEvent?: ((event: PredictorEvent) => void) | undefined;
  /** Time and timers. Default: the platform's. */
  readonly clock?: Clock | undefined;
}

/** Options of every composition. */
export interface ComposeOptions<Input, Output> extends WrapOptions {
  /** Name in `info`, events and URLs. Default: the kind, e.g. `"pipeline"`. */
  readonly name?: string | undefined;
  /** Default: `"1"`. */
  readonly version?: string | undefined;
  /** Checks and describes what goes in, where a definition at that end does not. Default: the definition's. */
  readonly input?: StandardSchemaV1<Input, Input> | undefined;
  /** Checks and describes what comes out, where a definition at that end does not. Default: the definition's. */
  readonly output?: StandardSchemaV1<Output, Output> | undefined;
  /** A valid input, for documents. Default: the definition's. */
  readonly example?: Input | undefined;
}

/** Checks what all have in common. @throws ConfigError CONFIG_INVALID */
export function checkWrap(options: WrapOptions): void {
  must(typeof options === "object" && options !== null, "options", "an object", options);
  const { closeMembers = false, itemsAtOnce = 1, timeoutMs, onEvent } = options;
  must(typeof closeMembers === "boolean", "closeMembers", "true or false", closeMembers);
  mustBeWhole("itemsAtOnce", itemsAtOnce, 1);
  checkTimeout("timeoutMs", timeoutMs);
  must(onEvent === undefined || typeof onEvent === "function", "onEvent", "a function", onEvent);
}

/** Checks the options of a composition. @throws ConfigError CONFIG_INVALID */
export function checkCompose(options: ComposeOptions<never, never>): void {
  checkWrap(options);
  const { name = "_", version = "_" } = options;
  checkName("name", name);
  checkName("version", version);
  for (const key of ["input", "output"] as const) {
    const schema = options[key];
    const right = schema === undefined || typeof schema?.["~standard"]?.validate === "function";
    must(right, key, "a Standard Schema", schema);
  }
}

/** Checks that a list holds predictors. @throws ConfigError CONFIG_INVALID naming the one that is none */
export function checkMembers(path: string, members: readonly unknown[], least: number): void {
  must(Array.isArray(members) && members.length >= least, path, `a list of at least ${least}`, members);
  for (const [index, member] of members.entries()) if (!isPredictor(member)) throw notPredictor(`${path}[${index}]`, member);
}

/** Whether a value is a predictor, by what it can do. */
export function isPredictor(value: unknown): value is AnyPredictor {
  const { predictDetailed, info } = (value ?? {}) as Partial<AnyPredictor>;
  return typeof predictDetailed === "function" && typeof info?.name === "string";
}

/** What to say of something that should be a predictor. */
export function notPredictor(path: string, given: unknown, expected = "a predictor"): ConfigError {
  const isPromise = typeof (given as { then?: unknown } | undefined)?.then === "function";
  return new ConfigError(path, expected, isPromise ? "a promise of one: await it" : describe(given));
}

/**
 * Checks a call's options, and fills in the time limit. A composition has one version, labelled `stable`.
 *
 * @throws ConfigError, InputError INPUT_VALUE, ModelError MODEL_NOT_FOUND
 */
export function checkCall(
  given: PredictOptions,
  own: { readonly name: string; readonly version: string },
  limitMs?: number,
): PredictOptions {
  const { version = own.version, label = "stable" } = given;
  const options = checkBasics(given, limitMs);
  if (version !== own.version || label !== "stable")
    throw new ModelError("MODEL_NOT_FOUND", `"${own.name}" has the version "${own.version}" and the label "stable" only`);
  return options;
}

/** As {@link checkCall}, but for the version and label, which somebody else judges. */
export function checkBasics(given: PredictOptions, limitMs: number | undefined): PredictOptions {
  const { signal, timeoutMs = limitMs, priority = "normal" } = given;
  checkSignal(signal);
  checkTimeout("timeoutMs", timeoutMs);
  if (!["high", "normal", "low"].includes(priority))
    throw mismatch("INPUT_VALUE", "priority", '"high", "normal" or "low"', describe(priority));
  return timeoutMs === given.timeoutMs ? given : { ...given, timeoutMs };
}
