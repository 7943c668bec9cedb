import { BackendError, isPrediktError } from "../errors/index.ts";
import type { Backend, BackendSession, ModelMetadata, OpenRequest, RunOptions, Signature, SkippedDevice, Tensors } from "../types/index.ts";

/** How a fake backend behaves. */
export interface FakeBackendOptions {
  readonly signature?: Signature | undefined;
  readonly metadata?: ModelMetadata | undefined;
  /** Computes the outputs. Default: every input doubled, under the output's name. A throw fails the run. */
  readonly compute?: ((feeds: Tensors) => Tensors | Promise<Tensors>) | undefined;
  /** Runs at once. Default: 1. */
  readonly concurrency?: number | undefined;
  /** Holds each run until `release()` is called. Default: false. */
  readonly held?: boolean | undefined;
  readonly batchUnsafeOps?: readonly string[] | undefined;
  readonly skipped?: readonly SkippedDevice[] | undefined;
}

/** One run that a fake backend has seen. */
export interface FakeRun {
  readonly feeds: Tensors;
  readonly options: RunOptions | undefined;
}

/** A backend without a runtime, for tests: it records its runs, holds them on demand, and doubles its input. */
export interface FakeBackend extends Backend {
  /** Every run since loading, warm-up and probe included. */
  readonly runs: FakeRun[];
  /** Open sessions. */
  readonly openSessions: () => number;
  /** Lets the next `count` held runs go on. Default: all. */
  release(count?: number): void;
  /** Holds or no longer holds runs from now on. */
  hold(on: boolean): void;
  /** Changes how many runs go at once, as a growing pool would. */
  resize(concurrency: number): void;
}

const linear: Signature = {
  inputs: [{ name: "x", dtype: "float32", shape: ["batch", 1] }],
  outputs: [{ name: "y", dtype: "float32", shape: ["batch", 1] }],
};

/** Makes a {@link FakeBackend}. */
export function fakeBackend(options: FakeBackendOptions = {}): FakeBackend {
  const signature = options.signature ?? linear;
  const compute = options.compute ?? ((feeds) => doubled(feeds, signature));
  const runs: FakeRun[] = [];
  const gates: (() => void)[] = [];
  let held = options.held ?? false;
  let concurrency = options.concurrency ?? 1;
  let open = 0;
  let capacityChanged: (() => void) | undefined;

  const session = (): BackendSession => {
    let closed = false;
    const active = new Set<Promise<unknown>>();
    open++;
    const run = async (feeds: Tensors, runOptions?: RunOptions): Promise<Tensors> => {
      if (closed) throw new BackendError("BACKEND_RUN", "the session is closed");
      runs.push({ feeds, options: runOptions });
      if (held) await new Promise<void>((resolve) => gates.push(resolve));
      try {
        return await compute(feeds);
      } catch (cause) {
        if (isPrediktError(cause)) throw cause;
        throw new BackendError("BACKEND_RUN", cause instanceof Error ? cause.message : String(cause), { cause });
      }
    };
    return {
      signature,
      metadata: options.metadata ?? {},
      digest: "fa".repeat(32),
      modelBytes: 0,
      device: "cpu",
      skipped: options.skipped ?? [],
      batchUnsafeOps: options.batchUnsafeOps ?? [],
      get concurrency() {
        return concurrency;
      },
      execution: "inline",
      stopsAbandoned: true,
      details: {},
      run(feeds, runOptions) {
        const running = run(feeds, runOptions);
        active.add(running);
        const done = (): unknown => active.delete(running);
        running.then(done, done);
        return running;
      },
      async close() {
        if (closed) return;
        closed = true;
        await Promise.allSettled(active);
        open--;
      },
    };
  };
  return {
    interfaceVersion: 1,
    name: "fake",
    runs,
    openSessions: () => open,
    async open(request: OpenRequest) {
      capacityChanged = request.onCapacity;
      return session();
    },
    release(count = gates.length) {
      for (const gate of gates.splice(0, count)) gate();
    },
    hold(on) {
      held = on;
    },
    resize(size) {
      concurrency = size;
      capacityChanged?.();
    },
  };
}

function doubled(feeds: Tensors, signature: Signature): Tensors {
  const outputs: Record<string, Tensors[string]> = {};
  const first = Object.values(feeds)[0] as Tensors[string];
  for (const { name } of signature.outputs) {
    const data = (first.data as Float32Array).map((v) => 2 * v);
    outputs[name] = { type: first.type, data, dims: first.dims } as Tensors[string];
  }
  return outputs;
}
