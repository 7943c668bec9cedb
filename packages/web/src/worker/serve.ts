import { answerCalls, type Handlers, type Port, Turns } from "@predikt/core/runtime";
import { supportedDevices } from "../device/supported-devices.ts";
import { keepFile } from "../model-store/kept-files.ts";
import { type HeldModel, loadModel } from "./models.ts";
import type { Calls, LoadNews } from "./protocol.ts";
import { startRuntime } from "./runtime.ts";
import { Sessions } from "./sessions.ts";

/** The calls that use the runtime: two at once hang WebGPU or spoil its memory (onnxruntime-web 1.30). */
const inTurn: readonly (keyof Calls)[] = ["start", "create", "run", "time", "release"];

/** A thread has one runtime, however many ports lead to it, as those of several backends on a page's own thread do. */
const turns = new Turns();

/** Answers a page's calls. */
export function serve(port: Port): void {
  const sessions = new Sessions((reason) => lost(reason));
  const models = new Map<number, HeldModel>();
  const handlers: Handlers<Calls> = {
    ping: async () => undefined,
    probe: async () => ({ devices: await supportedDevices(), jspi: "Suspending" in WebAssembly }),
    start: ({ files, threads, kept }) => startRuntime(files, threads, kept),
    load: async ({ spec }, { id, signal, tell }) => {
      const news = (each: LoadNews): void => tell(each);
      const { held, facts } = await loadModel(spec, {
        signal,
        onProgress: (progress) => news({ type: "progress", progress }),
        onEvent: (event) => news({ type: "event", event }),
      });
      models.set(id, held);
      return { model: id, ...facts };
    },
    forget: async ({ model }) => {
      models.delete(model);
    },
    create: ({ model, device, options }) => sessions.create(models.get(model) as HeldModel, device, options),
    run: ({ session, feeds }) => sessions.run(session, feeds),
    time: ({ session, feeds, rounds }) => sessions.time(session, feeds, rounds),
    release: ({ session }) => sessions.release(session),
    keep: async ({ urls }) => {
      for (const url of urls) await keepFile(url);
    },
  };
  const lost = answerCalls<Calls>(port, handlers, {
    inTurn,
    turns,
    // The runtime starts once, and its memory does not come back.
    isBroken: (name, { code }) => name === "start" || (code === "BACKEND_MEMORY" && inTurn.includes(name as keyof Calls)),
  });
}
