export { createRegistry } from "./create-registry.ts";
export type { Gate, RegistryEvent, RolledBack, ShareInForce, VersionState } from "./events.ts";
export { latest, specific } from "./policy.ts";
export type { ShadowReport, TrafficReport, VersionTraffic } from "./report.ts";
export type {
  GoldenCase,
  ModelConfig,
  ModelVersion,
  Registry,
  RegistryOptions,
  Rollback,
  Shadow,
  Traffic,
  TrafficShare,
  VersionPolicy,
  VersionSource,
} from "./types.ts";
