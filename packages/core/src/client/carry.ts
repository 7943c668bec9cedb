import type { Job } from "../batching/job.ts";
import { isPrediktError, type PrediktError } from "../errors/index.ts";
import { pause } from "../http/retry.ts";
import { type Incoming, type Outgoing, parseReply, protocolError } from "../http/send.ts";
import { binaryType, fromErrorBody, isErrorBody, jsonType } from "../serving/wire/index.ts";
import { exchange, isRefusal, type Refusal } from "./exchange.ts";
import type { Link } from "./options.ts";
import { mayRetry, retryDelay } from "./retry.ts";
import { optionHeaders, predictPath, type Reply, timeLeft, workOf } from "./work.ts";

/** The way to one model. */
export interface Route {
  readonly link: Link;
  readonly name: string | undefined;
  /** Called for each request made, with the items it carries. */
  readonly onRun: (items: number) => void;
}

/** A job that failed, and why. */
interface Failure extends Refusal {
  readonly job: Job;
}

/**
 * Takes jobs with the same options to the server in one request and settles each. What may pass is tried again, job by job; the request is
 * aborted once no job waits for it any more. Never rejects.
 */
export async function carry(jobs: readonly Job[], route: Route): Promise<void> {
  const { link } = route;
  const controller = new AbortController();
  let live = jobs.filter((job) => !job.done);
  let waiting = live.length;
  for (const job of live) {
    job.onGone = () => {
      if (--waiting === 0) controller.abort();
    };
  }
  for (let attempt = 0; live.length > 0; attempt++) {
    const failures = await send(live, route, controller.signal);
    const again = attempt < link.retries ? failures.filter(({ error }) => mayRetry(error)) : [];
    const delay = Math.max(0, ...again.map((failure) => retryDelay(failure, attempt, link)));
    for (const failure of failures) {
      const patient = delay <= link.maxRetryDelayMs && delay < (timeLeft(failure.job) ?? Infinity);
      if (!again.includes(failure) || !patient) failure.job.fail(failure.error);
    }
    live = again.map(({ job }) => job).filter((job) => !job.done);
    if (live.length > 0) await pause(delay, link.clock, controller.signal);
    live = live.filter((job) => !job.done);
  }
}

/** Makes one attempt and settles the jobs that it answers; gives back the rest. */
async function send(jobs: readonly Job[], route: Route, signal: AbortSignal): Promise<readonly Failure[]> {
  const sentAt = route.link.clock.now();
  for (const job of jobs) job.startedAt = sentAt;
  route.onRun(jobs.length);
  const all = (error: PrediktError, retryAfterMs = 0): Failure[] => jobs.map((job) => ({ job, error, retryAfterMs }));
  try {
    const reply = await exchange(route.link, outgoing(jobs, route.name), signal);
    const ranAt = route.link.clock.now();
    for (const job of jobs) job.ranAt = ranAt;
    if (!isRefusal(reply)) return await deliver(jobs, reply);
    if (reply.error.code !== "INPUT_TOO_LARGE" || jobs.length === 1) return all(reply.error, reply.retryAfterMs);
    // Together they were too large; that is not for any one of them to suffer.
    const half = Math.ceil(jobs.length / 2);
    return (await Promise.all([jobs.slice(0, half), jobs.slice(half)].map((part) => send(part, route, signal)))).flat();
  } catch (error) {
    if (isPrediktError(error)) return all(error);
    for (const job of jobs) job.fail(error);
    return [];
  }
}

function outgoing(jobs: readonly Job[], name: string | undefined): Outgoing {
  const [first] = jobs as readonly [Job];
  const { body, raw } = workOf(first);
  const left = jobs.map(timeLeft).reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)));
  const common = { ...optionHeaders(first.options, left), accept: raw ? binaryType : jsonType };
  const path = predictPath(name, first.options);
  if (typeof body !== "string")
    return { method: "POST", path, headers: { ...common, ...body.headers, "content-type": binaryType }, body: body.bytes };
  const head = { ...common, "content-type": jsonType };
  if (jobs.length === 1) return { method: "POST", path, headers: head, body };
  return { method: "POST", path: `${path}/batch`, headers: head, body: `[${jobs.map((job) => workOf(job).body).join(",")}]` };
}

async function deliver(jobs: readonly Job[], incoming: Incoming): Promise<readonly Failure[]> {
  const items = jobs.length;
  const { headers } = incoming;
  if (items === 1) {
    const [job] = jobs as readonly [Job];
    const reply = workOf(job).raw ? { bytes: incoming.body, headers, items } : { json: parseReply(incoming), headers, items };
    return settle(job, reply);
  }
  const list = parseReply(incoming);
  if (!Array.isArray(list) || list.length !== items)
    throw protocolError(`an array of ${items} results`, Array.isArray(list) ? `${list.length}` : typeof list);
  const settled = jobs.map((job, index) => {
    const item: unknown = list[index];
    if (isErrorBody(item)) return [refusal(job, fromErrorBody(item))];
    if (typeof item !== "object" || item === null || !("output" in item))
      return [{ job, error: protocolError("an output or an error", "neither"), retryAfterMs: 0 }];
    return settle(job, { json: item.output, headers, items });
  });
  return (await Promise.all(settled)).flat();
}

/** An item has no header of its own: how long to wait stands in its details. */
function refusal(job: Job, error: PrediktError): Failure {
  const { retryAfterMs } = error.details;
  return { job, error, retryAfterMs: typeof retryAfterMs === "number" && retryAfterMs > 0 ? retryAfterMs : 0 };
}

async function settle(job: Job, reply: Reply): Promise<readonly Failure[]> {
  job.batchSize = reply.items;
  try {
    const value = await workOf(job).finish(reply, job);
    job.succeed(value);
  } catch (error) {
    job.fail(error);
  }
  return [];
}
