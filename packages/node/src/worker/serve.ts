import { isPrediktError, type PrediktError } from "@predikt/core";
import { isFatal, openError, runError } from "@predikt/core/runtime";
import { type OpenModel, openModel } from "../backend/open-model.ts";
import { isWasm, type Runtime } from "../backend/runtime.ts";
import type { Command, Report } from "./protocol.ts";
import { pack } from "./tensors.ts";

/** The worker's way to its parent. */
export interface Post {
  send(report: Report, transfer: ArrayBuffer[]): void;
  /** Called before and after native code of the process runs; WebAssembly can be stopped anywhere. `false` means that the process is going away and nothing may start. */
  busy(on: boolean): boolean;
  /** Ends the worker after what was sent has gone out. */
  leave(): void;
}

/** Answers a parent's commands, one after another: the runtime runs one thing at a time in a thread anyway. */
export function serve(post: Post): (command: Command) => void {
  let model: OpenModel | undefined;
  let last: Promise<void> = Promise.resolve();

  const native = async (yes: boolean, work: () => Promise<void>): Promise<void> => {
    if (!yes) return work();
    if (!post.busy(true)) return;
    try {
      await work();
    } finally {
      post.busy(false);
    }
  };
  const open = async ({ spec }: Command & { type: "open" }): Promise<void> => {
    try {
      model = await openModel(spec, { prepare: quiet });
      post.send({ type: "opened", facts: model.facts }, []);
    } catch (thrown) {
      post.send({ type: "refused", error: toJson(openError(thrown)) }, []);
    }
  };
  const run = async ({ id, feeds }: Command & { type: "run" }): Promise<void> => {
    try {
      const startedAt = performance.now();
      const outputs = await (model as OpenModel).run(feeds);
      const runMs = performance.now() - startedAt;
      const { tensors, transfer } = pack(outputs, true);
      post.send({ type: "ran", id, outputs: tensors, runMs }, transfer);
    } catch (thrown) {
      const error = runError(thrown);
      post.send({ type: "failed", id, error: toJson(error) }, []);
      if (isFatal(error.cause ?? thrown)) post.leave();
    }
  };
  const close = async (): Promise<void> => {
    await model?.release();
    post.leave();
  };
  const obey = (command: Command): Promise<void> => {
    if (command.type === "open") return native(!isWasm(command.spec.devices), () => open(command));
    const inModel = model !== undefined && !isWasm([model.facts.device]);
    return native(inModel, command.type === "run" ? () => run(command) : close);
  };
  return (command) => {
    last = last.then(() => obey(command));
  };
}

/** A worker has a copy of the runtime's JavaScript to itself, so that its log level is nobody else's concern. */
function quiet(runtime: Runtime): void {
  runtime.env.logLevel = "fatal";
}

function toJson(error: PrediktError): ReturnType<PrediktError["toJSON"]> {
  const json = error.toJSON();
  // Details are plain JSON by contract; a cause that is one of ours keeps its text only.
  return isPrediktError(error.cause) ? { ...json, cause: error.cause.message } : json;
}
