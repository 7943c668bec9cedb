import type { AbortLike, AnyPredictor, ModelResolver, ServedModel, Timings } from "../../types/index.ts";
import type { JobSettled } from "./outcome.ts";
import { watchModels } from "./watch-models.ts";

/** The jobs that a request became. */
export interface RequestJobs {
  readonly model: string;
  readonly version: string;
  readonly device: string;
  /** How many: more than one for `/batch`. */
  readonly count: number;
  /** How many of them did not succeed. */
  readonly failed: number;
  /** Of the job that took longest, as everything below. */
  readonly timings: Timings;
  /** Rows in the run that answered; 0 where none did. */
  readonly batchSize: number;
  /** When it settled, by `performance.now()`. */
  readonly settledAt: number;
}

/** Knows which jobs came of which request. */
export interface JobFollower {
  /** From now on, jobs whose signal is that one are noted. The returned function gives what was noted, and ends it. */
  follow(signal: AbortLike): () => RequestJobs | undefined;
  close(): void;
}

interface Notes {
  jobs: RequestJobs | undefined;
}

/** Makes a {@link JobFollower}. A request's signal is its own, while its id may be somebody else's too. */
export function followJobs(resolver: ModelResolver): JobFollower {
  const followed = new Map<AbortLike, Notes>();
  const heard = new Map<AnyPredictor, () => void>();
  const hear = ({ name, version, predictor }: ServedModel): void => {
    if (heard.has(predictor)) return;
    const { device } = predictor.info;
    const off = predictor.on("*", (event) => {
      if (event.type === "predictor-closed") forget(predictor);
      if (event.type !== "job-settled" || event.signal === undefined) return;
      const notes = followed.get(event.signal);
      if (notes !== undefined) notes.jobs = joined(notes.jobs, event, { model: name, version, device });
    });
    heard.set(predictor, off);
  };
  const forget = (predictor: AnyPredictor): void => {
    heard.get(predictor)?.();
    heard.delete(predictor);
  };
  const stop = watchModels(resolver, (model) => {
    hear(model);
    // It is heard until it closes: it may still be answering.
    return () => {};
  });
  return {
    close() {
      stop();
      for (const predictor of [...heard.keys()]) forget(predictor);
    },
    follow(signal) {
      const notes: Notes = { jobs: undefined };
      followed.set(signal, notes);
      return () => {
        followed.delete(signal);
        return notes.jobs;
      };
    },
  };
}

function joined(before: RequestJobs | undefined, event: JobSettled, who: Pick<RequestJobs, "model" | "version" | "device">): RequestJobs {
  const { timings, batchSize, outcome } = event;
  const counts = { count: (before?.count ?? 0) + 1, failed: (before?.failed ?? 0) + (outcome === "succeeded" ? 0 : 1) };
  if (before !== undefined && before.timings.totalMs >= timings.totalMs) return { ...before, ...counts };
  return { ...who, ...counts, timings, batchSize, settledAt: performance.now() };
}
