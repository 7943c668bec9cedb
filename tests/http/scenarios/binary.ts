import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { at, binary, failure, floats, type Scenario } from "./scenario.ts";

const wanted = { accept: "application/octet-stream" };
const one = floats(1, 2, 3, 4, 5, 6);
const cube = (body: Uint8Array, headers: Record<string, string> = {}, path = "/predict/cube"): Scenario["ask"] => ({
  path: at(path),
  body,
  headers: { ...binary, ...headers },
});
const raw = { "content-type": "application/octet-stream", "x-predikt-dtype": "float32", "x-predikt-model-version": "1" };

/** Raw tensors in and out. */
export const binaries: readonly Scenario[] = [
  {
    name: "binary in, dims from the signature",
    ask: cube(one),
    status: 200,
    body: { y: { type: "float32", dims: [1, 2, 3], data: [2, 4, 6, 8, 10, 12] } },
  },
  {
    name: "binary in, two rows",
    ask: cube(floats(...Array(12).fill(1))),
    status: 200,
    body: { y: { type: "float32", dims: [2, 2, 3], data: Array(12).fill(2) } },
  },
  {
    name: "binary in, dims from the header",
    ask: cube(one, { "x-predikt-shape": "3,2" }, "/predict/free"),
    status: 200,
    body: { y: { type: "float32", dims: [3, 2], data: [2, 4, 6, 8, 10, 12] } },
  },
  {
    name: "binary in replaces encode and keeps decode",
    ask: cube(floats(1, 2, 3, 4), {}, "/predict/pixels"),
    status: 200,
    body: { pixels: [2, 4, 6, 8], sum: 20 },
  },
  { name: "binary in for the default model", ask: cube(floats(5), {}, "/predict"), status: 200, body: { y: 10 } },
  {
    name: "binary in, gzip",
    ask: cube(gzipSync(one), { "content-encoding": "gzip" }),
    status: 200,
    body: { y: { type: "float32", dims: [1, 2, 3], data: [2, 4, 6, 8, 10, 12] } },
  },
  {
    name: "binary in, chunked",
    ask: { ...cube(one), chunked: true },
    status: 200,
    body: { y: { type: "float32", dims: [1, 2, 3], data: [2, 4, 6, 8, 10, 12] } },
  },
  {
    name: "binary out",
    ask: { path: at("/predict/pixels"), body: { pixels: [1, 2, 3, 4] }, headers: wanted },
    status: 200,
    body: floats(2, 4, 6, 8),
    headers: { ...raw, "x-predikt-shape": "1,2,2" },
  },
  {
    name: "binary in and out",
    ask: cube(one, wanted),
    status: 200,
    body: floats(2, 4, 6, 8, 10, 12),
    headers: { ...raw, "x-predikt-shape": "1,2,3" },
  },
  {
    name: "binary in and out of the right dtype",
    ask: cube(one, { ...wanted, "x-predikt-dtype": "float32" }),
    status: 200,
    body: floats(2, 4, 6, 8, 10, 12),
  },
  {
    name: "JSON before binary in Accept",
    ask: cube(one, { accept: "application/json, application/octet-stream" }),
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
  },
  {
    name: "JSON where the quality of binary in Accept is nothing",
    ask: cube(one, { accept: "application/octet-stream;q=0, */*" }),
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
  },
  {
    name: "binary of higher quality in Accept, in capitals",
    ask: cube(one, { accept: "application/json;q=0.5, Application/Octet-Stream" }),
    status: 200,
    body: floats(2, 4, 6, 8, 10, 12),
  },
  {
    name: "bytes in and out",
    ask: cube(Uint8Array.of(1, 2, 3), wanted, "/predict/bytes"),
    status: 200,
    body: Uint8Array.of(2, 4, 6),
    headers: { "x-predikt-dtype": "uint8" },
  },
  { name: "no rows", ask: cube(new Uint8Array(0), wanted), status: 200, body: new Uint8Array(0), headers: { "x-predikt-shape": "0,2,3" } },
  {
    name: "no rows of the header's width",
    ask: cube(new Uint8Array(0), { ...wanted, "x-predikt-shape": "0,32768" }, "/predict/free"),
    status: 200,
    body: new Uint8Array(0),
  },
  {
    name: "no rows, but wider ones than a body may hold",
    ask: cube(new Uint8Array(0), { "x-predikt-shape": "0,32769" }, "/predict/free"),
    status: 413,
    body: expect.objectContaining({ code: "INPUT_TOO_LARGE", details: { limit: 131_072 } }),
  },

  {
    name: "binary of the wrong size",
    ask: cube(floats(1, 2)),
    status: 400,
    body: failure("INPUT_SHAPE", expect.stringContaining('input "x"'), [
      "x",
      "float32 [batch, 2, 3]",
      "8 bytes that do not tell its free dimensions (send x-predikt-shape)",
    ]),
  },
  {
    name: "binary of half an element",
    ask: cube(one.subarray(0, 22), { "x-predikt-shape": "1,2,3" }),
    status: 400,
    body: failure("INPUT_SHAPE", expect.any(String), ["x", "24 bytes for float32 [1, 2, 3]", "22 bytes"]),
  },
  {
    name: "binary of unknown dims",
    ask: cube(one, {}, "/predict/free"),
    status: 400,
    body: expect.objectContaining({ code: "INPUT_SHAPE" }),
  },
  {
    name: "binary with dims that the model does not take",
    ask: cube(one, { "x-predikt-shape": "1,3,2" }),
    status: 400,
    body: failure("INPUT_SHAPE", expect.stringContaining("axis 1: 3 ≠ 2"), [
      "x",
      "float32 [batch, 2, 3]",
      "float32 [1, 3, 2] (axis 1: 3 ≠ 2)",
    ]),
  },
  {
    name: "binary with dims of the wrong rank",
    ask: cube(one, { "x-predikt-shape": "6" }),
    status: 400,
    body: failure("INPUT_SHAPE", expect.any(String), ["x", "float32 [batch, 2, 3]", "float32 [6] (rank 1 ≠ 3)"]),
  },
  {
    name: "binary with dims that are none",
    ask: cube(one, { "x-predikt-shape": "1,-2,3" }),
    status: 400,
    body: failure("INPUT_VALUE", expect.any(String), ["x-predikt-shape", "whole numbers joined by commas", "something else"]),
  },
  {
    name: "binary with dims past all sense",
    ask: cube(one, { "x-predikt-shape": "999999999999999,999999999999999,999999999999999" }),
    status: 400,
    body: expect.objectContaining({ code: "INPUT_SHAPE" }),
  },
  {
    name: "binary of another dtype",
    ask: cube(one, { "x-predikt-dtype": "int32" }),
    status: 400,
    body: failure("INPUT_DTYPE", expect.any(String), ["x", "float32", "another dtype"]),
  },
  { name: "binary strings", ask: cube(one, {}, "/predict/words"), status: 400, body: expect.objectContaining({ code: "INPUT_DTYPE" }) },
  {
    name: "binary for a model of two inputs",
    ask: cube(one, {}, "/predict/two"),
    status: 415,
    body: expect.objectContaining({ code: "UNSUPPORTED_MEDIA_TYPE" }),
  },
  {
    name: "binary from a model of two outputs",
    ask: { path: at("/predict/two"), body: { a: [1, 2, 3], b: [1] }, headers: wanted },
    status: 415,
    body: expect.objectContaining({ code: "UNSUPPORTED_MEDIA_TYPE" }),
  },
  {
    name: "binary from a model of strings",
    ask: { path: at("/predict/words"), body: { x: ["a"] }, headers: wanted },
    status: 415,
    body: expect.objectContaining({ code: "UNSUPPORTED_MEDIA_TYPE" }),
  },
  {
    name: "binary NaN where the predictor refuses it",
    ask: cube(floats(Number.NaN), {}, "/predict/finite"),
    status: 400,
    body: expect.objectContaining({ code: "INPUT_VALUE" }),
  },
  {
    name: "bad input where the raw output is asked for",
    ask: { path: at("/predict/pixels"), body: { pixels: [1] }, headers: wanted },
    status: 400,
    body: expect.objectContaining({ code: "INPUT_SHAPE" }),
  },
];
