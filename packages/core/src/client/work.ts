import type { Job } from "../batching/job.ts";
import { headers } from "../serving/wire/index.ts";
import type { PredictOptions } from "../types/index.ts";

/** What a job sends, and what it makes of the answer. */
export interface Work {
  /** JSON text, or a raw tensor. */
  body: string | RawBody;
  /** Settles when `body` is there, where it is not yet. */
  readonly ready?: Promise<void> | undefined;
  /** Asks for the raw output tensor, without decode. */
  readonly raw: boolean;
  /** Turns the reply into what the caller gets. May throw or reject. */
  readonly finish: (reply: Reply, job: Job) => unknown;
}

/** A raw tensor on its way. */
export interface RawBody {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a job is told of its reply: the JSON value or the bytes, and the headers. */
export interface Reply {
  readonly json?: unknown;
  readonly bytes?: Uint8Array | undefined;
  readonly headers: Headers;
  /** Items that travelled together. */
  readonly items: number;
}

/** The work of a job. */
export function workOf(job: Job): Work {
  return job.work as Work;
}

/** Jobs with the same key may travel together. A raw body and a named request travel alone: an empty key. */
export function joinKey(job: Job): string {
  const { version, label, priority, routingKey, requestId, timeoutMs } = job.options;
  const { body, raw } = workOf(job);
  if (typeof body !== "string" || raw || requestId !== undefined) return "";
  return JSON.stringify([version, label, priority, routingKey, timeoutMs]);
}

/** The path of a model and version below the server's URL. */
export function predictPath(name: string | undefined, { version, label }: PredictOptions): string {
  if (name === undefined) return "/predict";
  const at = `/predict/${encodeURIComponent(name)}`;
  if (version !== undefined) return `${at}/versions/${encodeURIComponent(version)}`;
  return label === undefined ? at : `${at}/labels/${encodeURIComponent(label)}`;
}

/** Predict options as headers; the time limit is what is left of it. */
export function optionHeaders({ priority, routingKey, requestId }: PredictOptions, leftMs: number | undefined): Record<string, string> {
  const out: Record<string, string> = {};
  if (requestId !== undefined) out[headers.requestId] = requestId;
  if (priority !== undefined) out[headers.priority] = priority;
  // A header carries no more than ASCII safely; an encoded key keeps its user on one side just as well.
  if (routingKey !== undefined) out[headers.routingKey] = /^[\x21-\x7e]*$/.test(routingKey) ? routingKey : encodeURIComponent(routingKey);
  if (leftMs !== undefined) out[headers.timeoutMs] = String(Math.max(1, Math.ceil(leftMs)));
  return out;
}

/** Milliseconds until the job's deadline. */
export function timeLeft(job: Job): number | undefined {
  const { timeoutMs } = job.options;
  return timeoutMs === undefined ? undefined : timeoutMs - (job.owner.clock.now() - job.calledAt);
}
