import { answerCalls, type Handlers, type Port } from "@predikt/core/runtime";
import type { Calls, LoadedModel, Probe } from "../src/worker/protocol.ts";

/** A browser whose only device is WebAssembly. */
export const wasmOnly: Probe = {
  jspi: false,
  devices: [
    {
      device: "webgpu",
      supported: false,
      automatic: false,
      reason: "this browser has no WebGPU",
      threads: undefined,
      software: false,
      features: [],
    },
    { device: "wasm", supported: true, automatic: true, reason: undefined, threads: 1, software: false, features: [] },
  ],
};

/** What a worker says of a model that it has loaded. */
export const loaded: LoadedModel = {
  model: 0,
  signature: { inputs: [], outputs: [] },
  untyped: [],
  metadata: {},
  digest: "d",
  modelBytes: 10,
  batchUnsafeOps: [],
  fromCache: false,
};

/** A worker in this process, over a real channel. */
export class FakeWorker {
  /** What it was asked, in order. */
  readonly calls: string[] = [];
  terminated = false;
  readonly #port: MessagePort;

  /** @param answers Handlers that take the place of those that find everything in order. */
  constructor(answers: Partial<Handlers<Calls>> = {}) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const handlers: Handlers<Calls> = {
      ping: async () => undefined,
      probe: async () => wasmOnly,
      start: async () => "a runtime",
      load: async (_ask, { id }) => ({ ...loaded, model: id }),
      forget: async () => undefined,
      create: async () => ({ session: 1, outputs: [] }),
      run: async () => ({}),
      time: async () => 1,
      release: async () => undefined,
      keep: async () => undefined,
      ...answers,
    };
    port2.addEventListener("message", ({ data }) => {
      if (data.type === "call") this.calls.push(data.name);
    });
    answerCalls<Calls>(port2 as unknown as Port, handlers, {
      inTurn: ["start", "create", "run", "time", "release"],
      isBroken: (name) => name === "start",
    });
    port1.start();
    port2.start();
  }

  /** As a factory gives it. */
  get worker(): Worker {
    return {
      postMessage: (message: unknown) => this.#port.postMessage(message),
      addEventListener: (type: "message", listener: (event: Event) => void) => this.#port.addEventListener(type, listener),
      terminate: () => {
        this.terminated = true;
        this.#port.close();
      },
    } as unknown as Worker;
  }
}

/** A factory, and the workers that it has started. */
export interface Workers {
  readonly started: FakeWorker[];
  readonly factory: () => Worker;
  running(): number;
}

/** Workers that are started one after another; the last kind is started over and over. */
export function workers(...kinds: Partial<Handlers<Calls>>[]): Workers {
  const started: FakeWorker[] = [];
  const factory = (): Worker => {
    const made = new FakeWorker(kinds[Math.min(started.length, kinds.length - 1)]);
    started.push(made);
    return made.worker;
  };
  return { started, factory, running: () => started.filter(({ terminated }) => !terminated).length };
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve));
}
