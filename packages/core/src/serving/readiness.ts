import { LifecycleError } from "../errors/index.ts";
import type { ModelResolver } from "../types/index.ts";
import { drainingError } from "./draining.ts";
import type { Host } from "./protocol.ts";

/** One version of a model as a registry's index has it. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  /** UNKNOWN, LOADING, READY, UNLOADING or UNAVAILABLE. */
  readonly state: string;
  /** Why it is in that state; `""` where there is nothing to say. */
  readonly reason: string;
}

/** A resolver that knows what it has and loads models on demand, as a registry does. */
export interface Repository {
  index?(): readonly IndexEntry[];
  load?(name: string): Promise<void>;
  unload?(name: string): Promise<void>;
}

/** Every version that a resolver knows of, whatever its state. */
export function indexOf(resolver: ModelResolver & Repository): readonly IndexEntry[] {
  if (resolver.index !== undefined) return resolver.index();
  return resolver.list().map(({ name, version, predictor }) => {
    const { state } = predictor.info;
    return { name, version, state: stateWords[state], reason: "" };
  });
}

const stateWords = { ready: "READY", draining: "UNLOADING", closed: "UNAVAILABLE" } as const;

/**
 * What keeps a server from being ready: a drain, a model that is not, or one of which no version is while one is being loaded or has failed.
 * Undefined where it is ready.
 */
export function unreadiness({ resolver, isDraining }: Pick<Host, "resolver" | "isDraining">): LifecycleError | undefined {
  if (isDraining()) return drainingError();
  const models = resolver.list().map(({ name, version, predictor }) => ({ name, version, state: predictor.info.state as string }));
  const awaited = resolver.unready?.() ?? [];
  const behind = [...models.filter(({ state }) => state !== "ready"), ...awaited];
  if (behind.length === 0) return undefined;
  const text = behind.map(({ name, state }) => `"${name}" is ${state}`).join(", ");
  return new LifecycleError("NOT_READY", `not ready: ${text}`, { details: { models: [...models, ...awaited] } });
}
