import type { Tensor, TensorSpec } from "@predikt/core";
import { UsageError } from "../lib/failure.ts";
import type { InputFile } from "./input.ts";

/** Tensors by input. */
export type InputTensors = Record<string, Tensor>;

/** A file, and the input that it is for. */
export interface NamedInput {
  readonly spec: TensorSpec;
  readonly kind: InputFile["kind"];
  readonly path: string;
}

/** Finds the input of each file. @throws UsageError where a name is not the model's, or is needed and not there */
export function namedInputs(files: readonly InputFile[], inputs: readonly TensorSpec[]): NamedInput[] {
  const known = inputs.map(({ name }) => name).join(", ");
  const [only, ...others] = inputs;
  return files.map(({ kind, name, path }) => {
    if (name === undefined && (only === undefined || others.length > 0))
      throw new UsageError(`the model has ${inputs.length} inputs (${known}); say which one it is: --${kind} name=${path}`);
    const spec = name === undefined ? only : inputs.find((input) => input.name === name);
    if (spec === undefined) throw new UsageError(`--${kind}: the model has no input "${name}", but ${known}`);
    return { spec, kind, path };
  });
}
