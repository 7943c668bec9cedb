import { isPrediktError, type TensorSpec } from "@predikt/core";
import { checkModel, type Inspection } from "@predikt/core/onnx";
import type { ExternalFile } from "./external-files.ts";

/** Something about a model that whoever serves it should know. */
export interface Finding {
  /** `error`: no predictor takes it. `warning`: it will surprise. `note`: good to know. */
  readonly level: "error" | "warning" | "note";
  /** A stable name, e.g. `batch-unsafe`. */
  readonly id: string;
  readonly message: string;
}

/** What findings are drawn from. */
export interface Evidence {
  readonly bytes: Uint8Array;
  readonly inspection: Inspection;
  readonly externalData: readonly ExternalFile[];
  /** Functions that the model defines. */
  readonly functions: number;
}

/** Domains that ONNX Runtime's own packages bring. */
const usualDomains = ["", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview.training", "ai.onnx.preview", "com.microsoft"];

/** What is unusual about a model, errors first. */
export function findingsOf(evidence: Evidence): Finding[] {
  const all = [...refusal(evidence), ...types(evidence), ...batching(evidence), ...shapes(evidence), ...parts(evidence)];
  const order = ["error", "warning", "note"];
  return all.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

/** What `createPredictor` would refuse it for. */
function* refusal({ bytes, externalData }: Evidence): Generator<Finding> {
  try {
    checkModel(bytes);
  } catch (error) {
    if (!isPrediktError(error)) throw error;
    yield { level: "error", id: error.code.toLowerCase().replaceAll("_", "-"), message: error.message };
  }
  for (const { location, needed, found } of externalData) {
    const name = JSON.stringify(location);
    if (found === null) yield { level: "error", id: "external-data-missing", message: `external data ${name} is not beside the model` };
    else if (found < needed)
      yield { level: "error", id: "external-data-short", message: `external data ${name}: expected ${needed} bytes or more, got ${found}` };
  }
}

function* types({ inspection: { signature, untyped } }: Evidence): Generator<Finding> {
  if (untyped.length > 0)
    yield { level: "note", id: "untyped-output", message: `the file does not say the type of ${list(untyped)}; the runtime infers it` };
  const wide = [...signature.inputs, ...signature.outputs].filter(({ dtype }) => dtype === "int64" || dtype === "uint64");
  if (wide.length > 0)
    yield { level: "note", id: "64-bit", message: `${list(names(wide))}: 64-bit integers, which JavaScript has as bigint` };
  const half = [...signature.inputs, ...signature.outputs].filter(({ dtype }) => dtype === "float16");
  if (half.length > 0) yield { level: "note", id: "float16", message: `${list(names(half))}: float16, raw bits in a Uint16Array` };
}

function* batching({ inspection }: Evidence): Generator<Finding> {
  const { signature, batchUnsafeOps, loops } = inspection;
  if (batchUnsafeOps.length > 0)
    yield {
      level: "warning",
      id: "batch-unsafe",
      message: `${batchUnsafeOps.join(", ")}: rows of a batch would influence one another, so it runs unbatched`,
    };
  const fixed = signature.inputs.filter(({ shape }) => typeof shape[0] === "number");
  const scalars = signature.inputs.filter(({ shape, unranked }) => shape.length === 0 && unranked === undefined);
  if (fixed.length > 0)
    yield { level: "note", id: "fixed-batch", message: `axis 0 of ${list(names(fixed))} is fixed, so that requests cannot share a run` };
  if (scalars.length > 0)
    yield { level: "note", id: "scalar-input", message: `${list(names(scalars))} has no axis, so that requests cannot share a run` };
  if (loops.length > 0)
    yield {
      level: "warning",
      id: "loops",
      message: `${list(loops)}: how long it runs is its input's choice; see maxRunMs where inputs are not trusted`,
    };
}

function* shapes({ inspection: { signature } }: Evidence): Generator<Finding> {
  for (const spec of [...signature.inputs, ...signature.outputs]) {
    if (spec.unranked) yield { level: "note", id: "unranked", message: `"${spec.name}" does not say how many axes it has` };
  }
  for (const { name, shape } of signature.inputs) {
    const free = shape.flatMap((dim, axis) =>
      typeof dim === "string" && axis > 0 ? [dim === "" ? `axis ${axis}` : `${dim} (axis ${axis})`] : [],
    );
    if (free.length > 0) yield { level: "note", id: "dynamic-axes", message: `input "${name}" leaves free: ${free.join(", ")}` };
  }
}

function* parts({ inspection, functions }: Evidence): Generator<Finding> {
  const strange = Object.keys(inspection.opsets).filter((domain) => !usualDomains.includes(domain));
  if (strange.length > 0)
    yield { level: "warning", id: "custom-domain", message: `operators of ${list(strange)}, which ONNX Runtime may not have` };
  const opset = inspection.opsets[""];
  if (opset !== undefined && opset < 7)
    yield { level: "warning", id: "old-opset", message: `ai.onnx opset ${opset}: ONNX Runtime promises 7 and later` };
  if (functions > 0) yield { level: "note", id: "functions", message: `it defines ${functions} functions of its own` };
}

const names = (specs: readonly TensorSpec[]): string[] => specs.map(({ name }) => name);

/** Up to three of them. */
function list(all: readonly string[]): string {
  const first = all.slice(0, 3).map((name) => `"${name}"`);
  return all.length > 3 ? `${first.join(", ")} and ${all.length - 3} more` : first.join(", ");
}
