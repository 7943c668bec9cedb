import { ConfigError } from "../errors/index.ts";
import { systemClock } from "../predictor/clock.ts";
import { describe } from "../tensor/index.ts";
import type { Backend, BackendSession, Clock, ModelSource, OpenRequest } from "../types/index.ts";
import { attempt, type RetryLimits } from "./attempts.ts";
import { Fleet } from "./fleet.ts";
import type { FleetOptions } from "./options.ts";
import { Probes } from "./probes.ts";
import { RemoteSession } from "./session.ts";
import type { RemoteModel, Transport } from "./transport.ts";

/** What a remote backend's `createPredictor` takes for `source`: nothing, or the model's name on the server. */
export interface RemoteSource {
  readonly source?: string | undefined;
}

/** A backend whose models lie on other machines. */
export type RemoteBackend = Backend<RemoteSource>;

/** A protocol and the servers that speak it. */
export interface TransportProtocol {
  /** For `info.details`. */
  readonly protocol: string;
  /** The servers, as they may be shown: without credentials. At least one. */
  readonly endpoints: readonly string[];
  /** Makes the way to one of them for the model of that name. Nothing is sent before `describe`. */
  connect(endpoint: number, model: string): Transport;
}

/** Milliseconds after which a server that says nothing of itself is left for the next one. */
const describeTimeoutMs = 30_000;

/**
 * Makes a backend of a protocol: with several endpoints, of which the one with the fewest requests under way is asked, with retries, a circuit for each
 * endpoint, and health probes. The options are checked by whoever takes them from a user, with `checkFleetOptions`.
 */
export function transportBackend(protocol: TransportProtocol, options: FleetOptions): RemoteBackend {
  return { interfaceVersion: 1, name: "remote", sourceless: true, open: (request) => open(protocol, options, request) };
}

/** What `createPredictor` hands on; a clock among it. */
type Request = Omit<OpenRequest, "source"> & { readonly source?: ModelSource | undefined; readonly clock?: Clock | undefined };

async function open(protocol: TransportProtocol, options: FleetOptions, request: Request): Promise<BackendSession> {
  const name = modelName(options, request);
  const { retries = 2, retryDelayMs = 100, maxRetryDelayMs = 10_000, requestTimeoutMs = 120_000, concurrency = 32 } = options;
  const { failures = 5, restMs = 10_000 } = options.circuit ?? {};
  const { intervalMs = 5000, timeoutMs = 2000 } = options.probes || { intervalMs: options.probes === false ? Infinity : undefined };
  const clock = request.clock ?? systemClock;
  const limits: RetryLimits = { retries, retryDelayMs, maxRetryDelayMs, requestTimeoutMs, retrySlow: false };
  const links = protocol.endpoints.map((url, index) => ({ url, transport: protocol.connect(index, name) }));
  let probes: Probes | undefined;
  const fleet = new Fleet(links, { failures, restMs }, clock, (event) => {
    request.onEvent?.(event);
    probes?.schedule();
  });
  let model: RemoteModel;
  try {
    const opening: RetryLimits = { ...limits, requestTimeoutMs: Math.min(requestTimeoutMs, describeTimeoutMs), retrySlow: true };
    model = await attempt(fleet, opening, { gone: request.signal, timeoutMs: Infinity }, (transport, call) => transport.describe(call));
  } catch (error) {
    await Promise.allSettled(links.map(({ transport }) => transport.close?.()));
    throw error;
  }
  probes = new Probes(fleet, { intervalMs, timeoutMs });
  probes.schedule();
  return new RemoteSession({ fleet, probes, limits, model, concurrency, facts: { protocol: protocol.protocol, model: name } });
}

/** The server has the file: what says where it lies, how it must look or what is to run it, is for another backend. */
function modelName({ model }: FleetOptions, { source, name, sha256, device = "auto" }: Request): string {
  const nothing = "the model's name on the server, or nothing: the server has the file";
  if (source !== undefined && (typeof source !== "string" || /[/\\]/.test(source)))
    throw new ConfigError("source", nothing, typeof source === "string" ? "a path or a URL" : describe(source));
  if (sha256 !== undefined) throw new ConfigError("sha256", "nothing, since a server does not show the model's bytes", "a digest");
  if (device !== "auto" && device !== "remote")
    throw new ConfigError("device", '"remote" or nothing: the server chooses its device', "another one");
  const found = model ?? source ?? name;
  if (found === undefined || found === "")
    throw new ConfigError("model", "the model's name on the server, as an option of remote(), as source, or from a definition", "nothing");
  return found;
}
