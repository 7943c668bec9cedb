import { DefinitionError, isPrediktError, reasonOf } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import { validateInput, validateOutput } from "../model/validate.ts";
import { checkFeeds, dtypeInfo } from "../tensor/index.ts";
import type { Definition, DType, EncodedItem, ModelContext, RawInputs, Tensor, Tensors } from "../types/index.ts";

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
    if (refuseNonFinite) assertFinite(feeds);
    return feeds;
  };
  if (definition === undefined)
    return { accept, encode: (input, owned) => accept(input as RawInputs, owned), decode: (outputs) => outputs };

  const feedsOf = (encoded: EncodedItem, owned?: boolean): Tensors => {
    try {
      return accept(encoded as RawInputs, owned);
    } catch (error) {
      throw failed(definition, "encode", error);
    }
  };
  const encodeItem = (item: unknown, owned?: boolean): Tensors | Promise<Tensors> => {
    let encoded: EncodedItem | Promise<EncodedItem>;
    try {
      encoded = definition.encode(item as never, context);
    } catch (error) {
      throw failed(definition, "encode", error);
    }
    if (!isPromise(encoded)) return feedsOf(encoded, owned);
    return encoded.then(
      (settled) => feedsOf(settled, owned),
      (error: unknown) => {
        throw failed(definition, "encode", error);
      },
    );
  };
  const checked = (value: unknown): unknown => validateOutput(definition.output, value);
  return {
    accept,
    encode: (input, owned) => {
      const item = validateInput(definition.input, input);
      return isPromise(item) ? item.then((settled) => encodeItem(settled, owned)) : encodeItem(item, owned);
    },
    decode: (outputs) => {
      let decoded: unknown;
      try {
        decoded = definition.decode(outputs, context);
      } catch (error) {
        throw failed(definition, "decode", error);
      }
      if (!isPromise(decoded)) return checked(decoded);
      return decoded.then(checked, (error: unknown) => {
        throw failed(definition, "decode", error);
      });
    },
  };
}

/** Whether a value is a promise or like one. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
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

function assertFinite(feeds: Tensors): void {
  for (const name in feeds) {
    const { type, data } = feeds[name] as Tensor;
    if (dtypeInfo(type as DType).kind !== "float") continue;
    const index = firstNonFinite(data as Float32Array, type === "float16");
    if (index >= 0) {
      const path = `${name}[${index}]`;
      throw mismatch("INPUT_VALUE", path, "a finite number", "NaN or an infinity", `input "${path}"`);
    }
  }
}

function firstNonFinite(data: ArrayLike<number>, half: boolean): number {
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (half ? (value & 0x7c00) === 0x7c00 : !Number.isFinite(value)) return i;
  }
  return -1;
}
