import { Job } from "../predictor/job.ts";
import { concatRows, copyRows, laneKey } from "../tensor/index.ts";
import type { Tensors } from "../types/index.ts";

/**
 * Runs a job of more rows than a batch may have as several, and joins their answers in order. The first part that fails fails the job;
 * a job that goes takes its parts with it.
 */
export function submitInParts(job: Job, maxRows: number, enqueue: (part: Job) => void): void {
  const parts: Job[] = [];
  const outputs: Tensors[] = [];
  let left = 0;
  const fail = (error: unknown): void => job.fail(error);
  job.onGone = () => {
    for (const part of parts) part.fail(undefined);
  };
  const owner = {
    clock: job.owner.clock,
    settled: () => {},
    finish: (part: Job) => {
      outputs[part.work as number] = part.outputs as Tensors;
      job.startedAt = job.startedAt === 0 ? part.startedAt : Math.min(job.startedAt, part.startedAt);
      job.batchSize = Math.max(job.batchSize, part.batchSize);
      part.succeed(undefined);
      left--;
      if (left > 0 || job.done) return;
      job.outputs = concatRows(outputs);
      job.ranAt = part.ranAt;
      job.owner.finish(job);
    },
  };
  const { priority } = job.options;
  for (let from = 0; from < job.rows; from += maxRows) {
    const part = new Job(owner, { priority, transfer: true }, parts.length, () => {}, fail);
    part.rows = Math.min(maxRows, job.rows - from);
    part.feeds = copyRows(job.feeds, from, part.rows);
    part.lane = laneKey(part.feeds);
    part.encodedAt = job.encodedAt;
    parts.push(part);
  }
  left = parts.length;
  for (const part of parts) {
    if (job.done) return;
    try {
      enqueue(part);
    } catch (error) {
      job.fail(error);
    }
  }
}
