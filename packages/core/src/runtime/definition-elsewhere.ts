import { BackendError, isPrediktError, LifecycleError, type PrediktError } from "../errors/index.ts";
import { reviveError } from "../errors/revive.ts";
import type { Definition, ModelContext, Tensors } from "../types/index.ts";
import type { DefinitionCalls } from "./definition-calls.ts";
import { PortClient, type WorkerPort } from "./port-client.ts";
import { PlaceLost } from "./reviving-session.ts";

/** A definition whose work is done in a worker, and the end of that worker. */
export interface Elsewhere<Input, Output> {
  readonly definition: Definition<Input, Output>;
  end(): void;
}

/** A definition that has its schemas, `encode` and `decode` run in a worker which hosts it. The worker is started with the first call. */
export function definitionElsewhere<Input, Output>(given: Definition<Input, Output>, start: () => WorkerPort): Elsewhere<Input, Output> {
  let client: PortClient<DefinitionCalls> | undefined;
  let binding: Promise<number> | undefined;
  let hasEnded = false;
  const ask = async <Name extends "encode" | "decode">(
    name: Name,
    what: Omit<DefinitionCalls[Name]["ask"], "bound">,
    context: ModelContext,
  ): Promise<DefinitionCalls[Name]["answer"]> => {
    if (hasEnded) throw new LifecycleError("CLOSED", "the worker of the definition was ended");
    if (client === undefined || client.ended) {
      client = new PortClient<DefinitionCalls>(start(), unloadable);
      binding = client.inTurn("bind", { name: given.name, version: given.version, context }, { limitMs: bindLimitMs });
    }
    try {
      const bound = (await binding) as number;
      return await client.ask(name, { ...what, bound } as DefinitionCalls[Name]["ask"]);
    } catch (thrown) {
      const error = thrown instanceof PlaceLost ? thrown.error : thrown;
      // What the definition's functions gave could not be copied: that is theirs.
      const isTheirs = !isPrediktError(error) || error.details["raisedBy"] !== undefined || error.code === "BACKEND_RUN";
      throw isTheirs ? error : ofWorker(error);
    }
  };
  const definition = {
    ...given,
    input: unchecked,
    output: unchecked,
    encode: (input: unknown, context: ModelContext) => ask("encode", { input }, context),
    decode: (outputs: Tensors, context: ModelContext) => ask("decode", { outputs }, context),
  } as unknown as Definition<Input, Output>;
  const end = (): void => {
    hasEnded = true;
    client?.end();
  };
  return { definition, end };
}

/** Milliseconds in which the worker's script must have loaded and called `hostDefinitions`. */
const bindLimitMs = 120_000;

/** An error of the way to the worker or of the worker itself, told as what it is: the definition has not failed. */
function ofWorker(error: PrediktError): PrediktError {
  const json = error.toJSON();
  return reviveError({ ...json, details: { ...json.details, raisedBy: "worker" } });
}

/** A schema that lets everything pass: the worker has the real one. */
const unchecked = { "~standard": { version: 1, vendor: "predikt", validate: (value: unknown) => ({ value }) } };

function unloadable(): BackendError {
  return new BackendError("BACKEND_MISSING", "the script of the worker that worker.definitions started could not be loaded");
}
