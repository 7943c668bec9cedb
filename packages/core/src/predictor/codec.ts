import { DefinitionError, isPrediktError } from "../errors/index.ts";
import { reasonOf } from "../errors/reason.ts";
import { validateInput, validateOutput } from "../model/validate.ts";
import { assertRange, checkFeeds } from "../tensor/index.ts";
import type { Definition, ModelContext, RawInputs, Tensor, Tensors } from "../types/index.ts";

/** Turns what callers give into feeds, and the model's outputs into what callers get. Each step is synchronous where the definition is. */
export interface Codec {
  /** @param owned Whether the feeds may share memory with what was given. Default: they are copies. */
  encode(input: unknown, owned?: boolean): Tensors | Promise<Tensors>;
  /** Inputs that are tensors already; `owned` as for `encode`. */
  accept(tensors: RawInputs, owned?: boolean): Tensors;
  decode(outputs: Tensors): unknown;
}

/** The codec of a definition, or of none: then inputs are tensors and outputs stay tensors. */
export function createCodec(definition: Definition<never, unknown> | undefined, context: ModelContext, refuseNonFinite: boolean): Codec {
  const accept: Codec["accept"] = (tensors, owned) => {
    const feeds = checkFeeds(tensors, context.signature, owned);
    if (refuseNonFinite) for (const name in feeds) assertRange((feeds[name] as Tensor).data, (feeds[name] as Tensor).type, name);
    return feeds;
  };
  if (definition === undefined)
    return { accept, encode: (input, owned) => accept(input as RawInputs, owned), decode: (outputs) => outputs };

  const attempt = <Value>(which: "encode" | "decode", work: () => Value | Promise<Value>): Value | Promise<Value> => {
    const fail = (error: unknown): never => {
      throw failed(definition, which, error);
    };
    try {
      const made = work();
      return isPromise(made) ? made.then(undefined, fail) : made;
    } catch (error) {
      return fail(error);
    }
  };
  return {
    accept,
    encode: (input, owned) =>
      after(validateInput(definition.input, input), (item) =>
        attempt("encode", () => after(definition.encode(item as never, context), (encoded) => accept(encoded as RawInputs, owned))),
      ),
    decode: (outputs) =>
      after(
        attempt("decode", () => definition.decode(outputs, context)),
        (decoded) => validateOutput(definition.output, decoded),
      ),
  };
}

/** Goes on with a value, at once where it is there already. */
function after<Value, Result>(value: Value | Promise<Value>, next: (value: Value) => Result | Promise<Result>): Result | Promise<Result> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** Whether a value is a promise or like one. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}

/** The error for a part of a definition that failed. */
export function failed(definition: Definition<never, unknown>, which: "encode" | "decode" | "example", cause: unknown): Error {
  // A definition may itself refuse its input.
  if (isPrediktError(cause) && which === "encode" && cause.name === "InputError" && cause.details["raisedBy"] === "definition")
    return cause;
  return new DefinitionError("DEFINITION_FAILED", `${which} of model "${definition.name}" failed: ${reasonOf(cause)}`, {
    cause,
    details: { which },
  });
}
