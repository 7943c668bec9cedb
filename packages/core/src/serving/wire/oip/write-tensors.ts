import { toValues } from "../../../tensor/index.ts";
import type { Tensor } from "../../../types/index.ts";
import { tensorToBinary } from "./binary.ts";
import { datatypeOf } from "./datatypes.ts";

/**
 * How JSON shows NaN and the infinities, for which it has no number: `"string"` writes "NaN", "Infinity" and "-Infinity"; `"null"` writes null for all
 * three; `"token"` writes the bare words that Triton and TensorFlow Serving write, which is not JSON.
 */
export type NonFiniteJson = "string" | "null" | "token";

/** A tensor to write. */
export interface WriteEntry {
  readonly name: string;
  readonly tensor: Tensor;
  /** Its bytes go behind the JSON. */
  readonly binary: boolean;
}

/** Tensors written. */
export interface WrittenTensors {
  /** The JSON list of them. */
  readonly json: string;
  /** The bytes that go behind the JSON, in order; they share the tensors' memory. */
  readonly parts: readonly Uint8Array[];
}

/** Writes the tensors of a message: the `inputs` of a request, the `outputs` of a reply. */
export function writeTensors(entries: readonly WriteEntry[], nonFinite: NonFiniteJson): WrittenTensors {
  const parts: Uint8Array[] = [];
  const texts = entries.map(({ name, tensor, binary }) => {
    const head = `{"name":${JSON.stringify(name)},"datatype":"${datatypeOf(tensor.type)}","shape":[${tensor.dims.join(",")}]`;
    if (!binary) return `${head},"data":${dataToJson(tensor, nonFinite)}}`;
    const bytes = tensorToBinary(tensor);
    parts.push(bytes);
    return `${head},"parameters":{"binary_data_size":${bytes.byteLength}}}`;
  });
  return { json: `[${texts.join(",")}]`, parts };
}

/** A tensor's elements as a flat JSON list. 64-bit integers are written digit by digit; −0 becomes 0, as `JSON.stringify` has it. */
export function dataToJson({ type, data }: Tensor, nonFinite: NonFiniteJson): string {
  if (type === "string") return JSON.stringify(data);
  // A typed array's own join: half of what JSON.stringify takes over an array made of it.
  const values = type === "float16" || type === "bool" ? (toValues(type, data) as readonly unknown[]) : (data as Float32Array);
  return `[${withNonFinite(values.join(","), nonFinite)}]`;
}

/** Numbers as JavaScript spells them, with NaN and the infinities as the policy has them. */
export function withNonFinite(text: string, nonFinite: NonFiniteJson): string {
  if (nonFinite === "token" || !/[NI]/.test(text)) return text;
  return text.replace(/NaN|-?Infinity/g, nonFinite === "null" ? "null" : '"$&"');
}
