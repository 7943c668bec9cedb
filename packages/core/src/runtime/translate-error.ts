import { BackendError, InputError, isPrediktError, ModelError, type PrediktError } from "../errors/index.ts";

/** Beginnings and middles of the runtime's own texts, which carry no codes (checked with onnxruntime 1.30). */
const memory =
  /bad_alloc|out of memory|Failed to allocate|Array buffer allocation failed|CUBLAS_STATUS_ALLOC_FAILED|CUDNN_STATUS_ALLOC_FAILED|memory allocation|std::length_error/i;
const invalid =
  /protobuf parsing failed|Model data pointer is null|No graph was found|INVALID_PROTOBUF|INVALID_GRAPH|Invalid model|ModelProto does not have a graph|(Shape|Type)InferenceError|Type Error: /i;
const unsupported =
  /No Op registered|is not a registered function\/op|Could not find an implementation|Unsupported data type|official support for domain|Unsupported model IR|not supported|NOT_IMPLEMENTED|Non tensor type/i;

/** What the runtime threw while it opened a model, as an error of the table. This file alone reads the runtime's texts. */
export function openError(thrown: unknown): PrediktError {
  if (isPrediktError(thrown)) return thrown;
  const text = textOf(thrown);
  if (memory.test(text))
    return new BackendError("BACKEND_MEMORY", `the runtime ran out of memory while it opened the model: ${text}`, { cause: thrown });
  if (unavailable.test(text)) return new BackendError("BACKEND_UNAVAILABLE", text, { cause: thrown });
  // Before what is invalid: the runtime calls a model with an operator it does not know an invalid one.
  if (unsupported.test(text)) return new ModelError("MODEL_UNSUPPORTED", `the runtime cannot run the model: ${text}`, { cause: thrown });
  if (invalid.test(text)) return new ModelError("MODEL_INVALID", `the runtime cannot read the model: ${text}`, { cause: thrown });
  // A text that does not say whose fault it is: perhaps another device can run the model.
  return new ModelError("MODEL_UNSUPPORTED", `the runtime could not open the model: ${text}`, { cause: thrown });
}

/** The place in the runtime's own source with which many texts begin: file, line, and the function's whole signature. */
const sourcePlace = /^\/\S+:\d+ .*?\) (?=[A-Z])/;

/** Whether it is the device, not the model, that could not be opened. */
const unavailable =
  /AppendExecutionProvider|shared library|no available backend|backend not found|RequestAdapter|adapter|CUDA failure|CUDNN failure|no kernel image|driver/i;

/** What operators refuse in inputs that fit the model's signature: it tells neither ranges nor which free dimensions must be the same. */
const refused: readonly (readonly [code: "INPUT_VALUE" | "INPUT_SHAPE", text: RegExp, expected: string, received: string])[] = [
  [
    "INPUT_VALUE",
    /out of data bounds|invalid ind\w+ found|Out of range value in index|outside of the tensor dimension/i,
    "an index in range",
    "one out of it",
  ],
  ["INPUT_VALUE", /(division|modulo) by zero/i, "a divisor other than 0", "0"],
  [
    "INPUT_SHAPE",
    /Attempting to broadcast|dimension mismatch|cannot be reshaped to|At most one dimension can be -1|axis dimensions must match|invalid expand shape|Invalid input shape|output dimension is negative|is not equal to kernel channels|must have shape \{/i,
    "dimensions that fit together",
    "others",
  ],
];

/**
 * What the runtime threw while it ran, as an error of the table: an InputError where an operator refused what an input held. Its message has no words of
 * the runtime, which may tell values; its cause has.
 */
export function runError(thrown: unknown): PrediktError {
  if (isPrediktError(thrown)) return thrown;
  const text = textOf(thrown);
  const found = refused.find(([, words]) => words.test(text));
  if (found !== undefined) {
    const [code, , expected, received] = found;
    const operator = /while running (\w+) node/.exec(text)?.[1] ?? "an operator";
    const message = `input: the model's ${operator} expected ${expected}, got ${received}`;
    return new InputError(code, message, { cause: thrown, details: { issues: [{ path: "", expected, received, message }] } });
  }
  const code = memory.test(text) ? "BACKEND_MEMORY" : "BACKEND_RUN";
  return new BackendError(code, `the runtime failed: ${text}`, { cause: thrown });
}

/** Whether an error has left the WebAssembly instance in pieces, so that nothing more can run in it. */
export function isFatal(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError || /Aborted\(|unreachable executed/.test(textOf(thrown));
}

function textOf(thrown: unknown): string {
  const text =
    thrown instanceof Error ? thrown.message : typeof thrown === "number" ? `exception ${thrown} in WebAssembly` : String(thrown);
  return text
    .trim()
    .replaceAll(/\s+/g, " ")
    .replace(/^Can't create a session\. ERROR_CODE: \d+, ERROR_MESSAGE: /, "")
    .replace(sourcePlace, "");
}
