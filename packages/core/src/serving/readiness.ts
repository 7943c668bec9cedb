import { LifecycleError } from "../errors/index.ts";
import type { ModelResolver, VersionStatus } from "../types/index.ts";
import { drainingError } from "./draining.ts";
import type { Host } from "./protocol.ts";

/** A resolver that loads models on demand, as a registry does. */
export interface Repository {
  load?(name: string): Promise<void>;
  unload?(name: string): Promise<void>;
}

/** Every version that a resolver knows of, whatever its state. */
export function indexOf(resolver: ModelResolver & Repository): readonly VersionStatus[] {
  if (resolver.index !== undefined) return resolver.index();
  return resolver.list().map(({ name, version, labels, predictor }) => {
    const { state } = predictor.info;
    return { name, version, state: stateWords[state], reason: "", labels };
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
