import { InputError, ModelError } from "../errors/index.ts";
import { isDType } from "../tensor/index.ts";
import type { Tensor, TensorSpec, Tensors } from "../types/index.ts";

/** The part of onnxruntime-common's `Tensor` class that is used. */
export type RuntimeTensorConstructor<RuntimeTensor extends object> = new (
  type: "float32",
  data: Float32Array,
  dims: readonly number[],
) => RuntimeTensor;

/** The part of onnxruntime-common's `InferenceSession.ValueMetadata` that is used. */
export type RuntimeValue =
  | { readonly name: string; readonly isTensor: true; readonly type: string; readonly shape: readonly (number | string)[] }
  | { readonly name: string; readonly isTensor: false };

/** Feeds as ONNX Runtime's tensors. The buffers are the same. @throws InputError INPUT_VALUE for text with U+0000 */
export function toRuntimeTensors<RuntimeTensor extends object>(
  feeds: Tensors,
  RuntimeTensor: RuntimeTensorConstructor<RuntimeTensor>,
): Record<string, RuntimeTensor> {
  const inputs: Record<string, RuntimeTensor> = {};
  for (const name in feeds) {
    const { type, data, dims } = feeds[name] as Tensor;
    if (type === "string") assertNoNul(name, data as readonly string[]);
    const input = new RuntimeTensor(type as "float32", data as Float32Array, dims);
    if (type === "float16") keepBits(input, data as Uint16Array);
    inputs[name] = input;
  }
  return inputs;
}

/** ONNX Runtime's results as tensors, those of `names`. The buffers are the same. */
export function fromRuntimeTensors(results: Readonly<Record<string, unknown>>, names: readonly string[]): Tensors {
  const made: Record<string, Tensor> = {};
  for (const name of names) {
    const { type, data, dims } = results[name] as Tensor;
    made[name] = { type, data: type === "float16" ? bits(data) : data, dims } as Tensor;
  }
  return made;
}

/** An output as the runtime sees it. @throws ModelError MODEL_UNSUPPORTED for one that would abort the process when it is read (4-bit integers) */
export function runtimeOutput(metadata: RuntimeValue): TensorSpec {
  const { name } = metadata;
  const type = metadata.isTensor ? metadata.type : "not a tensor";
  if (!metadata.isTensor || !isDType(type))
    throw new ModelError("MODEL_UNSUPPORTED", `no JavaScript runtime has these types: output "${name}" is ${type}`);
  return { name, dtype: type, shape: metadata.shape };
}

/**
 * Where JavaScript has Float16Array (Node 24), the runtime's tensor makes one of the bits, which its own native code then reads as empty
 * (onnxruntime 1.30: "not enough space: expected 2, got 0").
 */
function keepBits(tensor: object, data: Uint16Array): void {
  Object.defineProperty(tensor, "data", { value: data });
}

/** The runtime takes strings as C does and would cut them off at U+0000 without a word (onnxruntime 1.30, Node and web). */
function assertNoNul(name: string, data: readonly string[]): void {
  const index = data.findIndex((text) => text.includes("\0"));
  if (index < 0) return;
  const issue = { path: `${name}[${index}]`, expected: "text without U+0000, which ONNX Runtime cannot carry", received: "text with it" };
  throw new InputError("INPUT_VALUE", `input "${issue.path}": expected ${issue.expected}, got ${issue.received}`, {
    details: { issues: [issue] },
  });
}

/** float16 arrives as a Float16Array where the platform has one; ours are the raw bits. */
function bits(data: unknown): Uint16Array {
  if (data instanceof Uint16Array) return data;
  const { buffer, byteOffset, length } = data as { buffer: ArrayBuffer; byteOffset: number; length: number };
  return new Uint16Array(buffer, byteOffset, length);
}
