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

/**
 * The codec of a definition, or of none: then inputs are tensors and outputs stay tensors. For those who bring a definition's work elsewhere, as
 * `@predikt/web` does to a worker.
 *
 * @param refuseNonFinite Whether NaN and infinities in float inputs are refused with INPUT_VALUE.
 */
export function createCodec(definition: Definition<never, unknown> | undefined, context: ModelContext, refuseNonFinite: boolean): Codec {
  const accept: Codec["accept"] = (tensors, owned) => {
    const feeds = checkFeeds(tensors, context.signature, owned);
    if (refuseNonFinite) for (const name in feeds) assertRange((feeds[name] as Tensor).data, (feeds[name] as Tensor).type, name);
    return feeds;
  };
  if (definition === undefined)
    return { accept, encode: (input, owned) => accept(input as RawInputs, owned), decode: (outputs) => outputs };

  const failing =
    (which: "encode" | "decode") =>
    (error: unknown): never => {
      throw failed(definition, which, error);
    };
  const encodeFailed = failing("encode");
  const decodeFailed = failing("decode");
  const encodeItem = (item: unknown, owned?: boolean): Tensors | Promise<Tensors> => {
    try {
      const encoded = definition.encode(item as never, context);
      return isPromise(encoded) ? encoded.then((tensors) => accept(tensors, owned)).catch(encodeFailed) : accept(encoded, owned);
    } catch (error) {
      return encodeFailed(error);
    }
  };
  const checked = (value: unknown): unknown => validateOutput(definition.output, value);
  return {
    accept,
    encode: (input, owned) => {
      const item = validateInput(definition.input, input);
      return isPromise(item) ? item.then((valid) => encodeItem(valid, owned)) : encodeItem(item, owned);
    },
    decode: (outputs) => {
      let decoded: unknown;
      try {
        decoded = definition.decode(outputs, context);
      } catch (error) {
        decodeFailed(error);
      }
      return isPromise(decoded) ? decoded.then(checked, decodeFailed) : checked(decoded);
    },
  };
}

/** Whether a value is a promise or like one. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}

/** The error for a part of a definition that failed. */
export function failed(definition: Definition<never, unknown>, which: "encode" | "decode" | "example", cause: unknown): Error {
  if (isPrediktError(cause)) {
    const { raisedBy } = cause.details;
    // A definition may itself refuse its input; one whose work is done elsewhere has been checked there, and the place may fail, which it cannot help.
    if (raisedBy === "worker" || (raisedBy === "definition" && (which === "encode" || cause.name === "DefinitionError"))) return cause;
  }
  return new DefinitionError("DEFINITION_FAILED", `${which} of model "${definition.name}" failed: ${reasonOf(cause)}`, {
    cause,
    details: { which },
  });
}
