import type { SkippedDevice, Tensors } from "@predikt/core";
import { type Comparison, completedSignature, type Place, PlaceLost } from "@predikt/core/runtime";
import type { LoadedModel, OpenedSession, RuntimeKind } from "../worker/protocol.ts";
import type { Started } from "./fleet.ts";

/** What a place is made of. */
export interface WorkerPlaceParts {
  readonly started: Started;
  readonly device: string;
  readonly loaded: LoadedModel;
  readonly opened: OpenedSession;
  readonly skipped: readonly SkippedDevice[];
  readonly hangTimeoutMs: number;
}

/** A place that can time its runs. */
export interface WorkerPlace extends Place {
  /** Milliseconds of the shortest of some runs, without the way to the worker and back. */
  time(feeds: Tensors): Promise<number>;
}

/** How long what may take long may take: opening a model, and a first run on the GPU, which compiles shaders. */
export function patient(hangTimeoutMs: number): number {
  return Math.min(hangTimeoutMs * 10, 2 ** 31 - 1);
}

/** A session in a worker. */
export function workerPlace({ started, device, loaded, opened, skipped, hangTimeoutMs }: WorkerPlaceParts): WorkerPlace {
  const { host, files, threads, runtime, isInline, leave } = started;
  const { session } = opened;
  let hasRun = device !== "webgpu";
  return {
    ...loaded,
    signature: completedSignature(loaded, opened.outputs),
    device,
    skipped,
    execution: isInline ? "inline" : "worker",
    details: { runtime, runtimeFile: files.wasm.split("/").pop(), runtimeKind: files.kind, threads, fromCache: loaded.fromCache },
    get isLost() {
      return host.ended;
    },
    run: async (feeds, { priority, abandoned }) => {
      const limitMs = hasRun ? hangTimeoutMs : patient(hangTimeoutMs);
      const outputs = await host.inTurn("run", { session, feeds }, { priority, abandoned, limitMs });
      hasRun = true;
      return outputs;
    },
    time: (feeds) => host.inTurn("time", { session, feeds, rounds: 4 }, { limitMs: patient(hangTimeoutMs) }),
    close: async () => {
      await host.inTurn("release", { session }, { limitMs: hangTimeoutMs }).catch(() => {});
      leave();
    },
  };
}

/** Bytes of a model that may be faster on WebAssembly: a run of a larger one there takes too long to try. */
const maxBytes = 8 * 2 ** 20;

/**
 * Runs a model on the GPU for the first time. Where that fails and WebAssembly can run it, that is better; a small model is timed on both. The place
 * that is not kept is closed. Undefined where there is nothing to compare, as where WebAssembly does not take the model.
 */
export async function compare(
  place: Place,
  feeds: Tensors,
  openOnWasm: (kind: RuntimeKind) => Promise<Place>,
): Promise<Comparison | undefined> {
  if (place.device !== "webgpu") return undefined;
  const failure = await place.run(feeds, {}).then(() => undefined, unlessLost);
  if (failure === undefined && place.modelBytes > maxBytes) return undefined;
  const webgpu = failure === undefined ? await (place as WorkerPlace).time(feeds) : Infinity;
  const other = await openOnWasm(place.details["runtimeKind"] as RuntimeKind).catch(() => undefined);
  if (other === undefined) return undefined;
  const wasm = await (other as WorkerPlace).time(feeds).catch(() => undefined);
  const isBetter = wasm !== undefined && wasm < webgpu;
  await (isBetter ? place : other).close();
  if (wasm === undefined) return undefined;
  const better = isBetter ? other : undefined;
  return failure === undefined ? { better, measuredRunMs: { webgpu, wasm } } : { better, measuredRunMs: { wasm }, reason: failure };
}

function unlessLost(thrown: unknown): string {
  if (thrown instanceof PlaceLost) throw thrown;
  return `its first run failed: ${(thrown as Error).message}`;
}
