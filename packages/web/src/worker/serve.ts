import { isPrediktError, type PrediktError, type Tensor, type Tensors } from "@predikt/core";
import { isFatal, runError } from "@predikt/core/runtime";
import { supportedDevices } from "../device/supported-devices.ts";
import { keepFile } from "../model-store/kept-files.ts";
import { type HeldModel, loadModel } from "./models.ts";
import type { CallName, Calls, LoadedModel, Message, Port, Probe, Report } from "./protocol.ts";
import { startRuntime } from "./runtime.ts";
import { Sessions } from "./sessions.ts";

type Handlers = { [Name in CallName]: (ask: Calls[Name]["ask"], id: number) => Promise<unknown> };

/** The calls that use the runtime, and so must not overlap. */
const inTurn: ReadonlySet<CallName> = new Set<CallName>(["start", "create", "run", "time", "release"]);

/** Answers a page's calls: those that use the runtime one after another, whatever becomes of each. */
export function serve(port: Port): void {
  const send = (report: Report, transfer?: Transferable[]): void => port.postMessage(report, transfer);
  const sessions = new Sessions((reason) => send({ type: "lost", reason }));
  const models = new Map<number, HeldModel>();
  const loads = new Map<number, AbortController>();
  let last: Promise<unknown> = Promise.resolve();

  const load = async ({ spec }: Calls["load"]["ask"], id: number): Promise<LoadedModel> => {
    const controller = new AbortController();
    loads.set(id, controller);
    try {
      const { held, facts } = await loadModel(spec, {
        signal: controller.signal,
        onProgress: (files, fromCache) => send({ type: "progress", id, files, fromCache }),
        onEvent: (event) => send({ type: "store-event", id, event }),
      });
      models.set(id, held);
      return { model: id, ...facts };
    } finally {
      loads.delete(id);
    }
  };
  const handlers: Handlers = {
    ping: async () => {},
    probe,
    start: ({ files, threads, kept }) => startRuntime(files, threads, kept),
    load,
    forget: async ({ model }) => {
      models.delete(model);
    },
    create: ({ model, device, options }) => sessions.create(models.get(model) as HeldModel, device, options),
    run: ({ session, feeds }) => sessions.run(session, feeds),
    time: ({ session, feeds, rounds }) => sessions.time(session, feeds, rounds),
    release: ({ session }) => sessions.release(session),
    abort: async ({ call }) => {
      loads.get(call)?.abort();
    },
    keep: async ({ urls }) => {
      for (const url of urls) await keepFile(url);
    },
  };
  const answer = async ({ id, name, ask }: Message): Promise<void> => {
    try {
      const result = await handlers[name](ask as never, id);
      send({ type: "answer", id, answer: result }, name === "run" ? buffersOf(result as Tensors) : undefined);
    } catch (thrown) {
      const error = isPrediktError(thrown) ? thrown : runError(thrown);
      send({ type: "error", id, error: error.toJSON(), fatal: isBroken(name, error, thrown) });
    }
  };
  port.addEventListener("message", ({ data }) => {
    const message = data as Message;
    if (inTurn.has(message.name)) last = last.then(() => answer(message));
    else void answer(message);
  });
}

async function probe(): Promise<Probe> {
  return { devices: await supportedDevices(), jspi: "Suspending" in WebAssembly };
}

/** Whether the runtime can do nothing more after this: it starts once, and neither its memory nor what broke in it comes back. */
function isBroken(name: CallName, error: PrediktError, thrown: unknown): boolean {
  if (name === "start" || error.code === "BACKEND_MEMORY") return inTurn.has(name);
  return isFatal(error.cause ?? thrown);
}

function buffersOf(tensors: Tensors): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const name in tensors) {
    const { type, data } = tensors[name] as Tensor;
    // A view into the runtime's own memory must be copied; posting it does.
    if (type !== "string" && data.buffer instanceof ArrayBuffer && data.buffer.byteLength === data.byteLength) buffers.add(data.buffer);
  }
  return [...buffers];
}
