import type { Context } from "@opentelemetry/api";
import type { AbortLike } from "@predikt/core";

/** The context of each call by its signal, which is its own. */
export type CallContexts = WeakMap<AbortLike, Context>;
