import type { MessageInitShape } from "@bufbuild/protobuf";
import type { OipParameters } from "@predikt/core/serving";
import type { InferParameter, InferParameterSchema, ModelRepositoryParameter } from "./generated/inference_pb.ts";

type Parameters = Readonly<Record<string, InferParameter | ModelRepositoryParameter>>;

/** Parameters as values: booleans, strings and numbers, bigints where a number would lose digits. Undefined where there are none. */
export function readParameters(parameters: Parameters): OipParameters | undefined {
  const entries = Object.entries(parameters);
  if (entries.length === 0) return undefined;
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, { parameterChoice }] of entries) {
    const { value } = parameterChoice;
    const number = typeof value === "bigint" ? Number(value) : Number.NaN;
    values[name] = Number.isSafeInteger(number) ? number : value;
  }
  return values;
}

/** A whole number as a parameter. */
export function wholeParameter(value: number): MessageInitShape<typeof InferParameterSchema> {
  return { parameterChoice: { case: "int64Param", value: BigInt(value) } };
}
