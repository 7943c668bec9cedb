import type { AnyPredictor, ServedModel, TrafficStatus } from "../../types/index.ts";
import { outcomeOf } from "../monitor/outcome.ts";
import { watchModels } from "../monitor/watch-models.ts";
import type { NeutralReply } from "../neutral.ts";
import type { Host, RouteCall } from "../protocol.ts";
import { headers } from "../wire/index.ts";
import { statusPage } from "./page.ts";
import { Recent, type RecentNumbers } from "./recent.ts";

/** Milliseconds after the last look at which nothing more is recorded. */
const interestMs = 60_000;

/** What `status.json` tells of one version. */
export interface VersionNumbers {
  readonly name: string;
  readonly version: string;
  readonly labels: readonly string[];
  /** Whether it answers where a request names nothing. */
  readonly default: boolean;
  /** `ready`, `draining` or `closed`; of a registry also `loading`, `unloading`, `unavailable` and `unknown`. */
  readonly state: string;
  readonly reason: string;
  /** Where it is open: what runs it, its counters since it was opened, and the last minute. */
  readonly open?: object;
}

/** What `status.json` tells. */
export interface StatusNumbers {
  readonly title: string;
  readonly at: string;
  readonly upMs: number;
  readonly draining: boolean;
  readonly versions: readonly VersionNumbers[];
  readonly traffic: Readonly<Record<string, TrafficStatus>>;
}

/** The status page and its numbers. */
export interface Status {
  page(call: RouteCall): NeutralReply;
  numbers(): StatusNumbers;
  close(): void;
}

/** Makes the status of what a handler serves. It listens to the predictors only while somebody looks. */
export function createStatus(host: Host, now: () => number = () => performance.now()): Status {
  const { resolver, title } = host;
  const startedAt = now();
  const recent = new Map<AnyPredictor, Recent>();
  let lookedAt = 0;
  let stop: (() => void) | undefined;

  function record({ predictor }: ServedModel): () => void {
    const numbers = new Recent(now());
    recent.set(predictor, numbers);
    const off = predictor.on("*", (event) => {
      const at = now();
      if (event.type === "batch-run") numbers.ran(at, event.rows);
      if (event.type === "job-settled") {
        const outcome = outcomeOf(event);
        const isError = outcome === "failed" || outcome === "expired" || outcome === "rejected";
        numbers.settled(at, outcome === "succeeded" ? event.timings.totalMs : undefined, isError);
      }
      if (at - lookedAt > interestMs) close();
    });
    return () => {
      off();
      recent.delete(predictor);
    };
  }

  function look(): void {
    lookedAt = now();
    stop ??= watchModels(resolver, record);
  }

  function close(): void {
    stop?.();
    stop = undefined;
  }

  function describe(model: ServedModel, state: string | undefined, reason: string): VersionNumbers {
    const { name, version, labels, predictor } = model;
    const { info } = predictor;
    const { backend, device, execution, modelBytes = null, loadMs = null, batching } = info;
    const open = { backend, device, execution, modelBytes, loadMs, batching, totals: predictor.stats(), recent: recentOf(predictor) };
    const isDefault = name === host.defaultName && labels.includes("stable");
    return { name, version, labels, default: isDefault, state: (state ?? info.state).toLowerCase(), reason, open };
  }

  const recentOf = (predictor: AnyPredictor): RecentNumbers | undefined => recent.get(predictor)?.numbers(now());

  return {
    close,
    page: ({ request, requestId }) => {
      look();
      const nonce = crypto.randomUUID();
      const body = statusPage(title, `${host.base}${request.base}${host.prefix}`, nonce);
      return { status: 200, headers: { ...pageHeaders(nonce), [headers.requestId]: requestId }, body };
    },
    numbers() {
      look();
      const served = resolver.list();
      const index = resolver.index?.() ?? [];
      const versions = served.map((model) => {
        const known = index.find(({ name, version }) => name === model.name && version === model.version);
        return describe(model, known?.state, known?.reason ?? "");
      });
      for (const { name, version, state, reason, labels } of index) {
        if (served.some((model) => model.name === name && model.version === version)) continue;
        versions.push({ name, version, labels, default: false, state: state.toLowerCase(), reason });
      }
      const traffic: Record<string, TrafficStatus> = {};
      for (const name of new Set(versions.map((version) => version.name))) {
        const report = resolver.traffic?.(name);
        if (report !== undefined) Object.defineProperty(traffic, name, { value: report, enumerable: true });
      }
      return { title, at: new Date().toISOString(), upMs: now() - startedAt, draining: host.isDraining(), versions, traffic };
    },
  };
}

function pageHeaders(nonce: string): Record<string, string> {
  const own = `'nonce-${nonce}'`;
  return {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": `default-src 'none'; script-src ${own}; style-src ${own}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
}
