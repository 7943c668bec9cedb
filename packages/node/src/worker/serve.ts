import { isPrediktError, type PrediktError } from "@predikt/core";
import { type OpenModel, openModel } from "../backend/open-model.ts";
import type { Runtime } from "../backend/runtime.ts";
import { isFatal, openError, runError } from "../backend/translate-error.ts";
import type { Command, Report } from "./protocol.ts";
import { pack } from "./tensors.ts";

/** The worker's way to its parent. */
export interface Post {
  send(report: Report, transfer: ArrayBuffer[]): void;
  /** Called before and after native code runs. `false` means that the process is going away and nothing may start. */
  busy(on: boolean): boolean;
  /** Ends the worker after what was sent has gone out. */
  leave(): void;
}

/** Answers a parent's commands, one after another: the runtime runs one thing at a time in a thread anyway. */
export function serve(post: Post): (command: Command) => void {
  let model: OpenModel | undefined;
  let last: Promise<void> = Promise.resolve();

  const open = async (command: Command & { type: "open" }): Promise<void> => {
    if (!post.busy(true)) return;
    try {
      model = await openModel(command.spec, quiet);
      post.send({ type: "opened", facts: model.facts }, []);
    } catch (thrown) {
      post.send({ type: "refused", error: toJson(openError(thrown)) }, []);
    } finally {
      post.busy(false);
    }
  };
  const run = async ({ id, feeds }: Command & { type: "run" }): Promise<void> => {
    if (!post.busy(true)) return;
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
    } finally {
      post.busy(false);
    }
  };
  const close = async (): Promise<void> => {
    await model?.release();
    post.leave();
  };
  return (command) => {
    last = last.then(() => (command.type === "run" ? run(command) : command.type === "open" ? open(command) : close()));
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
