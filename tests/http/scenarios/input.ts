import { expect } from "vitest";
import { at, failure, type Scenario } from "./scenario.ts";

const cube = "float32 [batch, 2, 3]";
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const asJson = { "content-type": "application/json" };

/** Input that is wrong in each way it can be. */
export const input: readonly Scenario[] = [
  {
    name: "missing field",
    ask: { path: at("/predict"), body: {} },
    status: 400,
    body: failure("INPUT_MISSING", expect.stringContaining('input "x"'), ["x", "number", "nothing"]),
  },
  {
    name: "unknown field",
    ask: { path: at("/predict"), body: { x: 1, z: 2 } },
    status: 400,
    body: failure("INPUT_UNKNOWN", expect.any(String), ["", "no other keys", "unknown keys"]),
  },
  {
    name: "a string where a number belongs",
    ask: { path: at("/predict"), body: { x: "secret" } },
    status: 400,
    body: failure("INPUT_DTYPE", expect.not.stringContaining("secret"), ["x", "number", "string"]),
  },
  {
    name: "an array where an object belongs",
    ask: { path: at("/predict"), body: [1] },
    status: 400,
    body: failure("INPUT_DTYPE", expect.any(String), ["", "object", "array"]),
  },
  {
    name: "null",
    ask: { path: at("/predict"), body: null, headers: asJson },
    status: 400,
    body: failure("INPUT_DTYPE", expect.any(String), ["", "object", "null"]),
  },
  {
    name: "a bare string",
    ask: { path: at("/predict"), body: '"x"', headers: asJson },
    status: 400,
    body: failure("INPUT_DTYPE", expect.any(String), ["", "object", "string"]),
  },
  {
    name: "a value that the schema refuses",
    ask: { path: at("/predict/moody"), body: { mode: "secret" } },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_VALUE", error: expect.not.stringContaining("secret") }),
  },
  {
    name: "missing tensor",
    ask: { path: at("/predict/two"), body: { a: [1, 2, 3] } },
    status: 400,
    body: failure("INPUT_MISSING", 'input "b": expected int32 [batch], got nothing', ["b", "int32 [batch]", "nothing"]),
  },
  {
    name: "unknown tensor",
    ask: { path: at("/predict/cube"), body: { x: [1, 2, 3, 4, 5, 6], w: [1] } },
    status: 400,
    body: failure("INPUT_UNKNOWN", 'input "w": expected one of "x", got another name', ["w", 'one of "x"', "another name"]),
  },
  {
    name: "every problem at once",
    ask: { path: at("/predict/two"), body: { a: [1, 2], c: 1 } },
    status: 400,
    body: failure(
      "INPUT_SHAPE",
      expect.any(String),
      ["a", "float32 [batch, 3]", "float32 [2] (rank 1 ≠ 2)"],
      ["b", "int32 [batch]", "nothing"],
      ["c", 'one of "a", "b"', "another name"],
    ),
  },
  {
    name: "inputs that are no object",
    ask: { path: at("/predict/cube"), body: [1] },
    status: 400,
    body: failure("INPUT_DTYPE", 'input: expected an object with "x", got array', ["input", 'an object with "x"', "array"]),
  },
  {
    name: "wrong dtype of a tensor",
    ask: { path: at("/predict/cube"), body: { x: { type: "int32", dims: [1, 2, 3], data: [1, 2, 3, 4, 5, 6] } } },
    status: 400,
    body: failure("INPUT_DTYPE", `input "x": expected ${cube}, got int32 [1, 2, 3]`, ["x", cube, "int32 [1, 2, 3]"]),
  },
  {
    name: "a dtype that there is not",
    ask: { path: at("/predict/cube"), body: { x: { type: "secret", dims: [1], data: [1] } } },
    status: 400,
    body: failure("INPUT_DTYPE", `input "x": expected ${cube}, got an unknown dtype`, ["x", cube, "an unknown dtype"]),
  },
  {
    name: "a tensor whose dims are no list",
    ask: { path: at("/predict/cube"), body: { x: { type: "float32", dims: 6, data: [1] } } },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_SHAPE" }),
  },
  {
    name: "a tensor whose data are no list",
    ask: { path: at("/predict/cube"), body: { x: { type: "float32", dims: [1, 2, 3], data: { length: 6 } } } },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_DTYPE" }),
  },
  {
    name: "a tensor whose dims are no sizes",
    ask: { path: at("/predict/cube"), body: { x: { type: "float32", dims: [-1, 2, 3], data: [] } } },
    status: 400,
    body: failure("INPUT_SHAPE", expect.any(String), ["x.dims", "at most 32 whole numbers ≥ 0", "others, or too large"]),
  },
  {
    name: "a tensor whose dims and data disagree",
    ask: { path: at("/predict/cube"), body: { x: { type: "float32", dims: [1, 2, 3], data: [1] } } },
    status: 400,
    body: failure("INPUT_SHAPE", expect.any(String), ["x", "6 elements for [1, 2, 3]", "1"]),
  },
  {
    name: "strings in a tensor",
    ask: {
      path: at("/predict/cube"),
      body: {
        x: [
          [
            [1, 2, 3],
            [4, "secret", 6],
          ],
        ],
      },
    },
    status: 400,
    body: failure("INPUT_DTYPE", expect.not.stringContaining("secret"), ["x[0][1][1]", "float32", "string"]),
  },
  {
    name: "numbers where strings belong",
    ask: { path: at("/predict/words"), body: { x: ["a", 1] } },
    status: 400,
    body: failure("INPUT_DTYPE", expect.any(String), ["x[1]", "string", "an integer"]),
  },
  {
    name: "wrong rank",
    ask: { path: at("/predict/cube"), body: { x: [[1, 2, 3]] } },
    status: 400,
    body: failure("INPUT_SHAPE", `input "x": expected ${cube}, got float32 [1, 3] (rank 2 ≠ 3)`, [
      "x",
      cube,
      "float32 [1, 3] (rank 2 ≠ 3)",
    ]),
  },
  {
    name: "wrong dimension, with its axis",
    ask: {
      path: at("/predict/cube"),
      body: {
        x: [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      },
    },
    status: 400,
    body: failure("INPUT_SHAPE", `input "x": expected ${cube}, got float32 [1, 2, 2] (axis 2: 2 ≠ 3)`, [
      "x",
      cube,
      "float32 [1, 2, 2] (axis 2: 2 ≠ 3)",
    ]),
  },
  {
    name: "ragged arrays",
    ask: {
      path: at("/predict/cube"),
      body: {
        x: [
          [
            [1, 2, 3],
            [4, 5],
          ],
        ],
      },
    },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_SHAPE" }),
  },
  {
    name: "wrong length for numbers()",
    ask: { path: at("/predict/pixels"), body: { pixels: [1, 2, 3] } },
    status: 400,
    body: failure("INPUT_SHAPE", expect.any(String), ["pixels", "float32 [2, 2]", "3 elements"]),
  },
  {
    name: "NaN where numbers() wants finite ones",
    ask: { path: at("/predict/pixels"), body: { pixels: [1, 2, "NaN", 4] } },
    status: 400,
    body: failure("INPUT_VALUE", expect.any(String), ["pixels[2]", "a finite number", "NaN"]),
  },
  {
    name: "null where a number belongs",
    ask: { path: at("/predict/pixels"), body: { pixels: [1, 2, null, 4] } },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_DTYPE" }),
  },
  {
    name: "infinity where the predictor refuses it",
    ask: { path: at("/predict/finite"), body: { x: ["Infinity"] } },
    status: 400,
    body: failure("INPUT_VALUE", expect.any(String), ["x[0]", "a finite number", "Infinity"]),
  },
  {
    name: "a number too large for JSON",
    ask: { path: at("/predict/finite"), body: '{"x":[1e999]}', headers: asJson },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_VALUE" }),
  },
  {
    name: "an integer out of its dtype's range",
    ask: { path: at("/predict/bytes"), body: { bytes: [1, 256, 3] } },
    status: 400,
    body: failure("INPUT_VALUE", expect.any(String), ["bytes[1]", "uint8 between 0 and 255", "out of uint8's range"]),
  },
  {
    name: "a fraction where an integer belongs",
    ask: { path: at("/predict/bytes"), body: { bytes: [1, 2.5, 3] } },
    status: 400,
    body: failure("INPUT_VALUE", expect.any(String), ["bytes[1]", "uint8", "a fraction"]),
  },
  {
    name: "a 64-bit integer out of range",
    ask: { path: at("/predict/long"), body: { x: ["9223372036854775808"] } },
    status: 400,
    body: failure("INPUT_VALUE", expect.any(String), ["x[0]", expect.stringContaining("int64 between") as never, "out of int64's range"]),
  },
  {
    name: "an unsafe integer",
    ask: { path: at("/predict/long"), body: '{"x":[9007199254740993]}', headers: asJson },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_VALUE" }),
  },
  {
    name: "no items where rows are fixed",
    ask: { path: at("/predict/cube"), body: { x: [[]] } },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_SHAPE" }),
  },
  {
    name: "a batch that is no array",
    ask: { path: at("/predict/double/batch"), body: { x: 1 } },
    status: 400,
    body: failure("INPUT_DTYPE", "body: expected an array of inputs, got object", ["body", "an array of inputs", "object"]),
  },
  {
    name: "a batch of too many",
    ask: { path: at("/predict/double/batch"), body: Array(9).fill({ x: 1 }) },
    status: 413,
    body: {
      ...failure("INPUT_TOO_LARGE", "body: expected at most 8 items, got 9", ["body", "at most 8 items", "9"]),
      details: { limit: 8 },
    },
  },

  {
    name: "nesting just deep enough",
    ask: { path: at("/predict/cube"), body: `{"x":${nested(63)}}`, headers: asJson },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_SHAPE" }),
  },
  {
    name: "nesting too deep",
    ask: { path: at("/predict/cube"), body: `{"x":${nested(64)}}`, headers: asJson },
    status: 413,
    body: {
      ...failure("INPUT_TOO_LARGE", "body: expected at most 64 nested levels, got deeper nesting", [
        "body",
        "at most 64 nested levels",
        "deeper nesting",
      ]),
      details: { limit: 64 },
    },
  },
  {
    name: "nesting far too deep",
    ask: { path: at("/predict/cube"), body: nested(30_000), headers: asJson },
    status: 413,
    body: expect.objectContaining({ code: "INPUT_TOO_LARGE" }),
  },
  {
    name: "brackets in a string are no nesting",
    ask: { path: at("/predict/words"), body: { x: [`${"[".repeat(100)}\\"{`] } },
    status: 200,
    body: { y: { type: "string", dims: [1], data: [`${"[".repeat(100)}\\"{`] } },
  },
  {
    name: "a __proto__ key",
    ask: { path: at("/predict"), body: '{"x":1,"__proto__":{"x":2}}', headers: asJson },
    status: 200,
    body: { y: 2 },
  },
  {
    name: "a __proto__ key spelt with an escape",
    ask: { path: at("/predict"), body: '{"x":1,"__\\u0070roto__":{"x":2}}', headers: asJson },
    status: 200,
    body: { y: 2 },
  },
  {
    name: "a __proto__ key for the tensors",
    ask: { path: at("/predict/cube"), body: '{"\\u005f_proto__":{"x":[1,2,3,4,5,6]}}', headers: asJson },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_MISSING" }),
  },

  {
    name: "encode throws",
    ask: { path: at("/predict/moody"), body: { mode: "encode" } },
    status: 500,
    body: { code: "DEFINITION_FAILED", error: expect.stringMatching(/\(encode\)$/) },
  },
  {
    name: "encode gives the wrong shape",
    ask: { path: at("/predict/moody"), body: { mode: "encode-shape" } },
    status: 500,
    body: { code: "DEFINITION_FAILED", error: expect.stringMatching(/\(encode\)$/) },
  },
  {
    name: "encode throws where the raw output is asked for",
    ask: { path: at("/predict/moody"), body: { mode: "encode" }, headers: { accept: "application/octet-stream" } },
    status: 500,
    body: { code: "DEFINITION_FAILED", error: expect.stringMatching(/\(encode\)$/) },
  },
  {
    name: "encode throws a TypeError where the raw output is asked for",
    ask: { path: at("/predict/moody"), body: { mode: "encode-type-error" }, headers: { accept: "application/octet-stream" } },
    status: 500,
    body: { code: "DEFINITION_FAILED", error: expect.stringMatching(/\(encode\)$/) },
  },
  {
    name: "encode gives the wrong shape where the raw output is asked for",
    ask: { path: at("/predict/moody"), body: { mode: "encode-shape" }, headers: { accept: "application/octet-stream" } },
    status: 500,
    body: { code: "DEFINITION_FAILED", error: expect.stringMatching(/\(encode\)$/) },
  },
  {
    name: "decode throws",
    ask: { path: at("/predict/moody"), body: { mode: "decode" } },
    status: 500,
    body: { code: "DEFINITION_FAILED", error: expect.stringMatching(/\(decode\)$/) },
  },
  {
    name: "the output is refused by its own schema",
    ask: { path: at("/predict/moody"), body: { mode: "output" } },
    status: 500,
    body: { code: "OUTPUT_INVALID", error: expect.any(String) },
  },
  {
    name: "the output cannot become JSON",
    ask: { path: at("/predict/moody"), body: { mode: "cycle" } },
    status: 500,
    body: { code: "DEFINITION_FAILED", error: expect.any(String) },
  },
  {
    name: "an error with details that JSON cannot carry",
    ask: { path: at("/predict/moody"), body: { mode: "unwritable" } },
    status: 400,
    body: { code: "INPUT_VALUE", error: expect.not.stringContaining("today") },
  },
  {
    name: "another server fails, and is not named",
    ask: { path: at("/predict/relay"), body: { x: 1 } },
    status: 502,
    body: { code: "REMOTE_UNREACHABLE", error: expect.not.stringMatching(/inside|secret/) },
  },
  {
    name: "the runtime fails",
    ask: { path: at("/predict/moody"), body: { mode: "run" } },
    status: 500,
    body: { code: "BACKEND_RUN", error: expect.not.stringContaining("secret") },
  },
];
