import { BackendError, ConfigError, isPrediktError, type PrediktError } from "../errors/index.ts";
import type { Tensor, Tensors } from "../types/index.ts";
import type { CallMap, Message, Port, Report } from "./port.ts";
import { isFatal, runError } from "./translate-error.ts";
import { Turns } from "./turns.ts";

/** What a handler has beside its question. */
export interface CallContext {
  readonly id: number;
  /** Fires when the one who asked does not wait any more. */
  readonly signal: AbortSignal;
  /** Tells something before the answer. */
  tell(news: unknown): void;
}

/** The handlers of a side that answers. */
export type Handlers<Calls extends CallMap> = {
  readonly [Name in keyof Calls]: (ask: Calls[Name]["ask"], context: CallContext) => Promise<unknown>;
};

/** How calls are answered. */
export interface AnswerOptions {
  /** Calls that must not overlap: they are answered one after another, whatever becomes of each. */
  readonly inTurn?: readonly string[] | undefined;
  /** Whose turns those are, where several ports lead to one runtime. Default: this port's own. */
  readonly turns?: Turns | undefined;
  /** Calls whose answers are copied, since others hold them too. Default: none; the buffers of tensors are handed over. */
  readonly copied?: readonly string[] | undefined;
  /** Whether nothing more can be done after such an error. Default: where WebAssembly is in pieces. */
  readonly isBroken?: ((name: string, error: PrediktError) => boolean) | undefined;
}

/** Answers the calls that come through a port. Gives the function that says that this side is lost. */
export function answerCalls<Calls extends CallMap>(
  port: Port,
  handlers: Handlers<Calls>,
  { inTurn = [], turns = new Turns(), copied = [], isBroken = () => false }: AnswerOptions = {},
): (reason: string) => void {
  const send = (report: Report, transfer?: ArrayBuffer[]): void => port.postMessage(report, transfer);
  const calls = new Map<number, AbortController>();
  const inItsTurn = async (work: () => Promise<void>): Promise<void> => {
    const done = await turns.take();
    await work().finally(done);
  };

  const sendAnswer = (id: number, result: unknown, transfer: ArrayBuffer[]): void => {
    try {
      send({ type: "answer", id, answer: result }, transfer);
    } catch (cause) {
      throw new BackendError("BACKEND_RUN", "the answer holds what cannot be copied out of a worker, such as a function", { cause });
    }
  };
  const answer = async ({ id, name, ask }: Message & { readonly type: "call" }, controller: AbortController): Promise<void> => {
    const fail = (error: PrediktError, fatal: boolean): void => {
      const json = error.toJSON();
      try {
        send({ type: "error", id, error: json, fatal });
      } catch {
        // Details that an application has given may be anything.
        send({ type: "error", id, error: { ...json, details: {} }, fatal });
      }
    };
    try {
      const result = await handlerOf(handlers, name)(ask as object, {
        id,
        signal: controller.signal,
        tell: (news) => send({ type: "news", id, news }),
      });
      sendAnswer(id, result, copied.includes(name) ? [] : buffersOf(result));
    } catch (thrown) {
      const error = isPrediktError(thrown) ? thrown : runError(thrown);
      fail(error, isFatal(error.cause ?? thrown) || isBroken(name, error));
    } finally {
      calls.delete(id);
    }
  };
  port.addEventListener("message", ({ data }) => {
    const message = data as Message;
    if (message.type === "abort") {
      calls.get(message.id)?.abort();
      return;
    }
    const controller = new AbortController();
    calls.set(message.id, controller);
    if (inTurn.includes(message.name)) void inItsTurn(() => answer(message, controller));
    else void answer(message, controller);
  });
  return (reason) => send({ type: "lost", reason });
}

function handlerOf<Calls extends CallMap>(handlers: Handlers<Calls>, name: string): Handlers<CallMap>[string] {
  if (Object.hasOwn(handlers, name)) return handlers[name] as Handlers<CallMap>[string];
  throw new ConfigError("worker", `a worker that answers "${name}"`, "one for something else");
}

/** The buffers of tensors, which are handed over. A view into a larger buffer, such as the runtime's memory, is copied instead. */
function buffersOf(result: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const tensor of Object.values((result ?? {}) as Tensors)) {
    const { data } = (tensor ?? {}) as Partial<Tensor>;
    if (ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer && data.buffer.byteLength === data.byteLength)
      buffers.add(data.buffer);
  }
  return [...buffers];
}
