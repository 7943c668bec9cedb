import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { at, binary, failure, floats, type Scenario } from "./scenario.ts";

const header = "inference-header-content-length";
const infer = (model: string, body: unknown, headers: Record<string, string> = {}): Scenario["ask"] => ({
  path: at(`/v2/models/${model}/infer`),
  body,
  headers,
});
const x = (shape: readonly number[], data: unknown): object => ({ name: "x", datatype: "FP32", shape, data });
const y = (shape: readonly number[], data: unknown, more: object = {}): object => ({ name: "y", datatype: "FP32", shape, ...more, data });
const reply = (model: string, version: string, ...outputs: readonly object[]): object => ({
  model_name: model,
  model_version: version,
  outputs,
});

/** A message with bytes behind its JSON, as Triton's clients write it: the header is not padded. */
export function message(
  json: unknown,
  ...parts: readonly Uint8Array[]
): { readonly body: Uint8Array; readonly headers: Record<string, string> } {
  const head = Buffer.from(JSON.stringify(json));
  return { body: Buffer.concat([head, ...parts]), headers: { ...binary, [header]: String(head.length) } };
}

/** What our own replies are: the header padded with spaces to a multiple of 8. */
function padded(json: unknown, ...parts: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.from(JSON.stringify(json));
  return Buffer.concat([head, Buffer.alloc((8 - (head.length % 8)) % 8, " "), ...parts]);
}

const sized = (name: string, datatype: string, shape: readonly number[], size: number): object => ({
  name,
  datatype,
  shape,
  parameters: { binary_data_size: size },
});
const pair = message(
  {
    inputs: [sized("a", "FP32", [1, 3], 12), { name: "b", datatype: "INT32", shape: [1], data: [5] }],
    parameters: { binary_data_output: true },
  },
  floats(1, 2, 3),
);
const words = Buffer.from([1, 0, 0, 0, 97, 3, 0, 0, 0, 98, 206, 169]);
const text = message(
  { inputs: [sized("x", "BYTES", [2], words.length)], outputs: [{ name: "y", parameters: { binary_data: true } }] },
  words,
);
const empty = message({ inputs: [sized("x", "FP32", [0, 2, 3], 0)], parameters: { binary_data_output: true } });
const one = message({ inputs: [sized("x", "FP32", [1, 1], 4)] }, floats(3));

/** The Open Inference Protocol. */
export const oip: readonly Scenario[] = [
  { name: "OIP: live", ask: { path: at("/v2/health/live") }, status: 200, body: { live: true, ready: true } },
  { name: "OIP: ready", ask: { path: at("/v2/health/ready") }, status: 200, body: { live: true, ready: true } },
  { name: "OIP: ready, asked by HEAD", ask: { path: at("/v2/health/ready"), method: "HEAD" }, status: 200, body: "" },
  {
    name: "OIP: server metadata",
    ask: { path: at("/v2/") },
    status: 200,
    body: {
      name: "Scenarios",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      extensions: ["binary_tensor_data", "classification", "parameters", "schedule_policy", "statistics"],
    },
  },
  {
    name: "OIP: model metadata",
    ask: { path: at("/v2/models/two") },
    status: 200,
    body: {
      name: "two",
      versions: ["1"],
      platform: "onnx_onnxv1",
      inputs: [
        { name: "a", datatype: "FP32", shape: [-1, 3] },
        { name: "b", datatype: "INT32", shape: [-1] },
      ],
      outputs: [
        { name: "y", datatype: "FP32", shape: [-1, 3] },
        { name: "z", datatype: "INT64", shape: [-1] },
      ],
    },
  },
  {
    name: "OIP: every version's name stands in the metadata of one",
    ask: { path: at("/v2/models/double/versions/4") },
    status: 200,
    body: expect.objectContaining({ name: "double", versions: ["3", "4"] }),
  },
  { name: "OIP: model ready", ask: { path: at("/v2/models/double/ready") }, status: 200, body: { name: "double", ready: true } },
  {
    name: "OIP: version ready",
    ask: { path: at("/v2/models/double/versions/4/ready") },
    status: 200,
    body: { name: "double", version: "4", ready: true },
  },
  {
    name: "OIP: unknown model",
    ask: { path: at("/v2/models/nobody/ready") },
    status: 404,
    body: expect.objectContaining({ code: "MODEL_NOT_FOUND", error: expect.any(String) }),
  },
  { name: "OIP: unknown version", ask: infer("double/versions/9", { inputs: [] }), status: 404 },
  { name: "OIP: wrong method", ask: { path: at("/v2/models/double/infer") }, status: 405, headers: { allow: "POST" } },
  { name: "OIP: no repository without control", ask: { path: at("/v2/repository/index"), method: "POST" }, status: 404 },
  {
    name: "OIP: infer, nested, a typed definition's raw tensors",
    ask: infer("double", { id: "a 1", inputs: [x([2, 1], [[1], [2]])] }),
    status: 200,
    body: { id: "a 1", ...reply("double", "3", y([2, 1], [2, 4])) },
    headers: { "content-type": "application/json; charset=utf-8", "x-predikt-model-version": "3" },
  },
  {
    name: "OIP: infer, flat, by version, as curl sends it",
    ask: infer("double/versions/4", JSON.stringify({ inputs: [x([2, 1], [1, 2])] }), {
      "content-type": "application/x-www-form-urlencoded",
    }),
    status: 200,
    body: reply("double", "4", y([2, 1], [2, 4])),
  },
  {
    name: "OIP: infer, no content type, gzip",
    ask: infer("double", gzipSync(JSON.stringify({ inputs: [x([1, 1], [1])] })), { "content-encoding": "gzip" }),
    status: 200,
    body: reply("double", "3", y([1, 1], [2])),
  },
  {
    name: "OIP: outputs in the order wanted, of every digit",
    ask: infer("two", {
      inputs: [
        { name: "b", datatype: "INT32", shape: [1], data: [16383] },
        { name: "a", datatype: "FP32", shape: [1, 3], data: [1, 2, 3] },
      ],
      outputs: [{ name: "z" }, { name: "y" }],
    }),
    status: 200,
    body: reply("two", "1", { name: "z", datatype: "INT64", shape: [1], data: [16383 * 2 ** 40] }, y([1, 3], [2, 4, 6])),
  },
  {
    name: "OIP: one output of two",
    ask: infer("two", {
      inputs: [
        { name: "a", datatype: "FP32", shape: [1, 3], data: [1, 2, 3] },
        { name: "b", datatype: "INT32", shape: [1], data: [1] },
      ],
      outputs: [{ name: "y" }],
    }),
    status: 200,
    body: reply("two", "1", y([1, 3], [2, 4, 6])),
  },
  {
    name: "OIP: an output that is not there",
    ask: infer("two", { inputs: [], outputs: [{ name: "w" }] }),
    status: 400,
    body: failure("INPUT_UNKNOWN", 'outputs[0].name: expected one of "y", "z", got another name', [
      "outputs[0].name",
      'one of "y", "z"',
      "another name",
    ]),
  },
  {
    name: "OIP: binary and JSON mixed, binary back",
    ask: infer("two", pair.body, pair.headers),
    status: 200,
    body: padded(
      reply("two", "1", sized("y", "FP32", [1, 3], 12), sized("z", "INT64", [1], 8)),
      floats(2, 4, 6),
      Buffer.from(BigInt64Array.of(5n * 2n ** 40n).buffer),
    ),
    headers: { "content-type": "application/octet-stream", [header]: expect.stringMatching(/^\d+$/) },
  },
  {
    name: "OIP: binary, chunked, with JSON's content type",
    ask: { ...infer("two", pair.body, { ...pair.headers, "content-type": "application/json" }), chunked: true },
    status: 200,
    headers: { "content-type": "application/octet-stream" },
  },
  {
    name: "OIP: binary, gzip; the header counts what was inflated",
    ask: infer("two", gzipSync(pair.body), { ...pair.headers, "content-encoding": "gzip" }),
    status: 200,
    headers: { "content-type": "application/octet-stream" },
  },
  {
    name: "OIP: BYTES in binary, both ways",
    ask: infer("words", text.body, text.headers),
    status: 200,
    body: padded(reply("words", "1", sized("y", "BYTES", [2], words.length)), words),
  },
  {
    name: "OIP: binary without bytes is JSON",
    ask: infer("cube", empty.body, empty.headers),
    status: 200,
    body: reply("cube", "1", sized("y", "FP32", [0, 2, 3], 0)),
    headers: { "content-type": "application/json; charset=utf-8", [header]: undefined },
  },
  {
    name: "OIP: a raw body is the one input",
    ask: infer("cube", floats(1, 2, 3, 4, 5, 6), { ...binary, [header]: "0" }),
    status: 200,
    body: padded(reply("cube", "1", sized("y", "FP32", [1, 2, 3], 24)), floats(2, 4, 6, 8, 10, 12)),
  },
  {
    name: "OIP: a raw body of text is one element",
    ask: infer("words", Buffer.from("bΩ"), { ...binary, [header]: "0" }),
    status: 200,
    body: padded(reply("words", "1", sized("y", "BYTES", [1], 7)), Buffer.from([3, 0, 0, 0, 98, 206, 169])),
  },
  { name: "OIP: a raw body for two inputs", ask: infer("two", floats(1), { ...binary, [header]: "0" }), status: 400 },
  {
    name: "OIP: a header past the body",
    ask: infer("double", one.body, { ...one.headers, [header]: String(one.body.length + 1) }),
    status: 400,
    body: expect.objectContaining({
      code: "INPUT_VALUE",
      error: expect.stringContaining(`header "${header}": expected a whole number between 0 and the body's`),
    }),
  },
  { name: "OIP: a header that is no number", ask: infer("double", one.body, { ...one.headers, [header]: "many" }), status: 400 },
  {
    name: "OIP: too few bytes",
    ask: infer("double", one.body.subarray(0, -1), one.headers),
    status: 400,
    body: expect.objectContaining({ error: "inputs[0]: expected 4 more bytes, got 3" }),
  },
  {
    name: "OIP: too many bytes",
    ask: infer("double", Buffer.concat([one.body, Buffer.from([0])]), one.headers),
    status: 400,
    body: expect.objectContaining({ code: "BODY_INVALID" }),
  },
  {
    name: "OIP: an integer out of range, by path",
    ask: infer("bytes", { inputs: [{ name: "x", datatype: "UINT8", shape: [1, 3], data: [1, 2, 300] }] }),
    status: 400,
    body: failure("INPUT_VALUE", "inputs[0].data[2]: out of UINT8's range", [
      "inputs[0].data[2]",
      "UINT8 between 0 and 255",
      "out of UINT8's range",
    ]),
  },
  {
    name: "OIP: a count that is not the shape's",
    ask: infer("double", { inputs: [x([2, 1], [1])] }),
    status: 400,
    body: expect.objectContaining({ code: "INPUT_SHAPE" }),
  },
  {
    name: "OIP: another datatype",
    ask: infer("double", { inputs: [{ ...x([1, 1], [1]), datatype: "FP64" }] }),
    status: 400,
    body: expect.objectContaining({ code: "INPUT_DTYPE" }),
  },
  { name: "OIP: no inputs", ask: infer("double", {}), status: 400, body: expect.objectContaining({ code: "INPUT_MISSING" }) },
  { name: "OIP: not JSON", ask: infer("double", "{"), status: 400, body: expect.objectContaining({ code: "BODY_INVALID" }) },
  { name: "OIP: oversize", ask: infer("double", `{"inputs":${" ".repeat(64 * 1024)}[]}`), status: 413 },
  {
    name: "OIP: another encoding",
    ask: infer("double", "{}", { "content-encoding": "br" }),
    status: 415,
    headers: { "accept-encoding": "gzip, deflate" },
  },
  {
    name: "OIP: NaN in every spelling, and back as text",
    ask: infer("double", '{"inputs":[{"name":"x","datatype":"FP32","shape":[4,1],"data":[null,"NaN",NaN,-Infinity]}]}'),
    status: 200,
    body: reply("double", "3", y([4, 1], ["NaN", "NaN", "NaN", "-Infinity"])),
  },
  {
    name: "OIP: the best classes",
    ask: infer("cube", { inputs: [x([1, 2, 3], [1, 5, 3, 2, 6, 4])], outputs: [{ name: "y", parameters: { classification: 2 } }] }),
    status: 200,
    body: reply("cube", "1", { name: "y", datatype: "BYTES", shape: [1, 2], data: ["12:4", "10:1"] }),
  },
  {
    name: "OIP: parameters that mean nothing to us",
    ask: infer("double", { inputs: [x([1, 1], [1])], parameters: { sequence_id: 0, priority: 3, timeout: 60_000_000 } }),
    status: 200,
    body: reply("double", "3", y([1, 1], [2])),
  },
  {
    name: "OIP: a priority that is none",
    ask: infer("double", { inputs: [x([1, 1], [1])], parameters: { priority: "urgent" } }),
    status: 400,
    body: failure("INPUT_VALUE", "parameters.priority: expected a whole number ≥ 0, got string", [
      "parameters.priority",
      "a whole number ≥ 0",
      "string",
    ]),
  },
];
