import { BackendError, type Definition, type ModelContext, type Tensors } from "@predikt/core";
import { PlaceLost, PortClient } from "@predikt/core/runtime";
import type { DefinitionCalls } from "./protocol.ts";

/** A definition whose work is done in a worker, and the end of that worker. */
export interface Elsewhere<Input, Output> {
  readonly definition: Definition<Input, Output>;
  end(): void;
}

/** A definition that has its schemas, `encode` and `decode` run in a worker which hosts it. The worker is started with the first call. */
export function elsewhere<Input, Output>(given: Definition<Input, Output>, start: () => Worker): Elsewhere<Input, Output> {
  let client: PortClient<DefinitionCalls> | undefined;
  let binding: Promise<number> | undefined;
  const ask = async <Name extends "encode" | "decode">(
    name: Name,
    what: Omit<DefinitionCalls[Name]["ask"], "bound">,
    context: ModelContext,
  ): Promise<DefinitionCalls[Name]["answer"]> => {
    if (client === undefined || client.ended) {
      client = new PortClient<DefinitionCalls>(start(), unloadable);
      binding = client.ask("bind", { name: given.name, version: given.version, context });
    }
    try {
      const bound = (await binding) as number;
      return await client.ask(name, { ...what, bound } as DefinitionCalls[Name]["ask"]);
    } catch (thrown) {
      throw thrown instanceof PlaceLost ? thrown.error : thrown;
    }
  };
  const definition = {
    ...given,
    input: unchecked,
    output: unchecked,
    encode: (input: unknown, context: ModelContext) => ask("encode", { input }, context),
    decode: (outputs: Tensors, context: ModelContext) => ask("decode", { outputs }, context),
  } as unknown as Definition<Input, Output>;
  return { definition, end: () => client?.end() };
}

/** A schema that lets everything pass: the worker has the real one. */
const unchecked = { "~standard": { version: 1, vendor: "predikt", validate: (value: unknown) => ({ value }) } };

function unloadable(): BackendError {
  return new BackendError("BACKEND_MISSING", "the script of the worker that worker.definitions started could not be loaded");
}
