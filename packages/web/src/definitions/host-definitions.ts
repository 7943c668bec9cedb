import { type Codec, ConfigError, createCodec, type Definition, isPrediktError } from "@predikt/core";
import { answerCalls, type DefinitionCalls, type Handlers, type Port, reviveError } from "@predikt/core/runtime";

/** A definition of whatever input and output. */
// biome-ignore lint/suspicious/noExplicitAny: inputs and outputs are both given and taken, so that nothing else takes them all.
export type AnyDefinition = Definition<any, any>;

/**
 * Hosts definitions in a worker of the application's, so that their schemas, `encode` and `decode` run there and not on the page's thread. Call it
 * once, at the top of the worker's script, and give the page's `createPredictor` the option `worker.definitions`.
 *
 * What crosses between page and worker is copied as `structuredClone` does: an input may hold typed arrays, an `ImageBitmap` or a `Blob`, but no
 * functions and no elements of the page.
 *
 * @param port Default: the worker's own scope.
 */
export function hostDefinitions(definitions: readonly AnyDefinition[], port: Port = globalThis as unknown as Port): void {
  const codecs: Codec[] = [];
  const handlers: Handlers<DefinitionCalls> = {
    bind: async ({ name, version, context }) => {
      const definition = definitions.find((each) => each.name === name && each.version === version);
      if (definition === undefined) {
        const hosted = definitions.map((each) => `"${each.name}" version "${each.version}"`).join(", ");
        throw new ConfigError(
          "worker.definitions",
          `a worker that hosts "${name}" version "${version}"`,
          `one that hosts ${hosted || "none"}`,
        );
      }
      return codecs.push(createCodec(definition as unknown as Definition<never, unknown>, context, false)) - 1;
    },
    // Tensors of its own, which are handed over: a definition may keep what its `encode` gives.
    encode: ({ bound, input }) => marked(async () => (codecs[bound] as Codec).encode(input)),
    decode: ({ bound, outputs }) => marked(async () => (codecs[bound] as Codec).decode(outputs)),
  };
  answerCalls(port, handlers, { copied: ["decode"] });
}

/** Lets an error pass on the page as what it is: it was checked here, and is nothing that calling the worker has failed at. */
async function marked<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isPrediktError(error)) throw error;
    const json = error.toJSON();
    throw reviveError({ ...json, details: { ...json.details, raisedBy: "definition" } });
  }
}
