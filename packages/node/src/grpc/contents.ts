import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DType, Tensor } from "@predikt/core";
import { datatypeOf, elementsFromJson, mismatch } from "@predikt/core/serving";
import type { InferTensorContents, InferTensorContentsSchema } from "./generated/inference_pb.ts";

type Field = Exclude<keyof InferTensorContents, `$${string}`>;

/** The typed contents' field of each dtype; FP16 has none. */
const fields: { readonly [D in DType]: Field | undefined } = {
  bool: "boolContents",
  int8: "intContents",
  int16: "intContents",
  int32: "intContents",
  int64: "int64Contents",
  uint8: "uintContents",
  uint16: "uintContents",
  uint32: "uintContents",
  uint64: "uint64Contents",
  float16: undefined,
  float32: "fp32Contents",
  float64: "fp64Contents",
  string: "bytesContents",
};

/** As the .proto spells them, for messages. */
const spelling: Readonly<Record<Field, string>> = {
  boolContents: "bool_contents",
  intContents: "int_contents",
  int64Contents: "int64_contents",
  uintContents: "uint_contents",
  uint64Contents: "uint64_contents",
  fp32Contents: "fp32_contents",
  fp64Contents: "fp64_contents",
  bytesContents: "bytes_contents",
};

/** Whether every element type among the tensors has typed contents. */
export function haveContents(tensors: readonly Tensor[]): boolean {
  return tensors.every(({ type }) => fields[type] !== undefined);
}

/**
 * A tensor of typed contents. Integers are held to their datatype's range, and text to UTF-8.
 *
 * @param contents Undefined stands for a tensor without elements.
 * @param path Names the tensor in errors: `inputs[0]`.
 * @throws InputError INPUT_DTYPE for contents in another datatype's field, INPUT_SHAPE for too many or too few, INPUT_VALUE
 */
export function readContents(dtype: DType, dims: readonly number[], contents: InferTensorContents | undefined, path: string): Tensor {
  const own = fields[dtype];
  const datatype = datatypeOf(dtype);
  const expected = own === undefined ? `raw contents, since ${datatype} has no typed ones` : `${datatype} in ${spelling[own]}`;
  const filled = (Object.keys(spelling) as Field[]).find((field) => field !== own && (contents?.[field].length ?? 0) > 0);
  if (own === undefined || filled !== undefined)
    throw mismatch("INPUT_DTYPE", `${path}.contents`, expected, filled === undefined ? "none" : spelling[filled]);
  const given = contents?.[own] ?? [];
  const size = dims.reduce((product, dim) => product * dim, 1);
  const at = `${path}.contents.${spelling[own]}`;
  if (given.length !== size) throw mismatch("INPUT_SHAPE", at, `${size} elements for [${dims.join(", ")}]`, `${given.length}`);
  const elements = own === "bytesContents" ? readTexts(given as readonly Uint8Array[], at) : given;
  return { type: dtype, data: elementsFromJson(dtype, [size], elements, at), dims } as Tensor;
}

/** The typed contents of a tensor, of a dtype that has them. */
export function writeContents({ type, data }: Tensor): MessageInitShape<typeof InferTensorContentsSchema> {
  const field = fields[type] as Field;
  const elements: readonly unknown[] = Array.isArray(data) ? data.map((text) => Buffer.from(text)) : Array.from(data as Iterable<unknown>);
  return { [field]: type === "bool" ? elements.map(Boolean) : elements };
}

function readTexts(elements: readonly Uint8Array[], path: string): readonly string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return elements.map((bytes, index) => {
    try {
      return decoder.decode(bytes);
    } catch {
      throw mismatch("INPUT_VALUE", `${path}[${index}]`, "UTF-8", "other bytes");
    }
  });
}
