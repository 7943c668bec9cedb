import { BackendError, type Tensors } from "@predikt/core";
import { fromRuntimeTensors, openError, runError, runtimeOutput, toRuntimeTensors } from "@predikt/core/runtime";
import type { InferenceSession } from "onnxruntime-web";
import type { HeldModel } from "./models.ts";
import type { OpenedSession } from "./protocol.ts";
import { runtime } from "./runtime.ts";
import { shortest } from "./shortest.ts";

/** The sessions of this thread's runtime. Calls must not overlap: two at once hang WebGPU or spoil its memory (onnxruntime-web 1.30). */
export class Sessions {
  readonly #open = new Map<number, InferenceSession>();
  readonly #onLost: (reason: string) => void;
  #watched: unknown;
  #next = 0;

  /** @param onLost Told when the GPU's device is lost while it is in use: then no session of this thread works any more. */
  constructor(onLost: (reason: string) => void) {
    this.#onLost = onLost;
  }

  async create({ bytes, external }: HeldModel, device: string, options: Readonly<Record<string, unknown>>): Promise<OpenedSession> {
    try {
      const created = await runtime.InferenceSession.create(bytes, {
        // What the runtime logs would go to the console; what matters arrives as an error.
        logSeverityLevel: 4,
        ...options,
        executionProviders: [device],
        ...(external.length === 0 ? {} : { externalData: external }),
      });
      const session = this.#next++;
      this.#open.set(session, created);
      if (device === "webgpu") await this.#watch();
      return { session, outputs: created.outputMetadata.map(runtimeOutput) };
    } catch (thrown) {
      throw openError(thrown);
    }
  }

  async run(session: number, feeds: Tensors): Promise<Tensors> {
    const opened = this.#open.get(session);
    if (opened === undefined) throw new BackendError("BACKEND_RUN", "the session is closed");
    try {
      const results = await opened.run(toRuntimeTensors(feeds, runtime.Tensor), { logSeverityLevel: 4 });
      return fromRuntimeTensors(results, opened.outputNames);
    } catch (thrown) {
      throw runError(thrown);
    }
  }

  async time(session: number, feeds: Tensors, rounds: number): Promise<number> {
    return shortest(() => this.run(session, feeds), rounds);
  }

  async release(session: number): Promise<void> {
    const opened = this.#open.get(session);
    this.#open.delete(session);
    await opened?.release();
  }

  async #watch(): Promise<void> {
    const device = (await runtime.env.webgpu.device) as unknown as { readonly lost: Promise<{ readonly message: string }> };
    if (device === this.#watched) return;
    this.#watched = device;
    void device.lost.then(({ message }) => {
      if (this.#open.size > 0) this.#onLost(`the GPU device was lost${message === "" ? "" : `: ${message}`}`);
    });
  }
}
