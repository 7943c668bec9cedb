import { expect } from "vitest";
import { at, failure, type Scenario } from "./scenario.ts";

const signature = {
  inputs: [{ name: "x", dtype: "float32", shape: ["batch", 1] }],
  outputs: [{ name: "y", dtype: "float32", shape: ["batch", 1] }],
};

/** Every route's happy path, and paths and methods that are none. */
export const routes: readonly Scenario[] = [
  {
    name: "predict with the default model",
    ask: { path: at("/predict"), body: { x: 3 } },
    status: 200,
    body: { y: 6 },
    headers: { "content-type": "application/json; charset=utf-8", "x-predikt-model-version": "3", "server-timing": undefined },
  },
  { name: "predict by name", ask: { path: at("/predict/double"), body: { x: -0.5 } }, status: 200, body: { y: -1 } },
  {
    name: "predict by name, with a trailing slash and a query",
    ask: { path: at("/predict/double/?a=1"), body: { x: 1 } },
    status: 200,
    body: { y: 2 },
  },
  {
    name: "predict by version",
    ask: { path: at("/predict/double/versions/4"), body: { x: 1 } },
    status: 200,
    body: { y: 2 },
    headers: { "x-predikt-model-version": "4" },
  },
  {
    name: "a version that a header cannot carry as it is",
    ask: { path: at("/predict/odd"), body: { x: 1 } },
    status: 200,
    body: { y: 2 },
    headers: { "x-predikt-model-version": "%F0%9F%98%80%201" },
  },
  {
    name: "predict by label",
    ask: { path: at("/predict/double/labels/stable"), body: { x: 1 } },
    status: 200,
    body: { y: 2 },
    headers: { "x-predikt-model-version": "3" },
  },
  {
    name: "predict a typed array",
    ask: { path: at("/predict/pixels"), body: { pixels: [1, 2, 3, 4] } },
    status: 200,
    body: { pixels: [2, 4, 6, 8], sum: 20 },
  },
  {
    name: "predict nested arrays",
    ask: {
      path: at("/predict/pixels"),
      body: {
        pixels: [
          [1, 2],
          [3, 4],
        ],
      },
    },
    status: 200,
    body: { pixels: [2, 4, 6, 8], sum: 20 },
  },
  {
    name: "predict without a definition",
    ask: {
      path: at("/predict/cube"),
      body: {
        x: [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ],
      },
    },
    status: 200,
    body: { y: { type: "float32", dims: [1, 2, 3], data: [2, 4, 6, 8, 10, 12] } },
  },
  {
    name: "predict without a definition, from a flat list and from a tensor",
    ask: { path: at("/predict/two"), body: { a: [1, 2, 3], b: { type: "int32", dims: [1], data: [5] } } },
    status: 200,
    body: { y: { type: "float32", dims: [1, 3], data: [2, 4, 6] }, z: { type: "int64", dims: [1], data: [5 * 2 ** 40] } },
  },
  {
    name: "64-bit integers keep their value, as strings where a number cannot hold them",
    ask: { path: at("/predict/long"), body: { x: [1, "9007199254740993", "-9223372036854775808"] } },
    status: 200,
    body: { y: { type: "int64", dims: [3], data: [1, "9007199254740993", "-9223372036854775808"] } },
  },
  {
    name: "infinities travel as strings",
    ask: {
      path: at("/predict/free"),
      body: {
        x: [
          ["NaN", "Infinity"],
          [1, "-Infinity"],
        ],
      },
    },
    status: 200,
    body: { y: { type: "float32", dims: [2, 2], data: ["NaN", "Infinity", 2, "-Infinity"] } },
  },
  {
    name: "strings stay strings",
    ask: { path: at("/predict/words"), body: { x: ["a", "ß", "数字"] } },
    status: 200,
    body: { y: { type: "string", dims: [3], data: ["a", "ß", "数字"] } },
  },
  {
    name: "no rows at all",
    ask: { path: at("/predict/words"), body: { x: [] } },
    status: 200,
    body: { y: { type: "string", dims: [0], data: [] } },
  },

  {
    name: "batch",
    ask: { path: at("/predict/double/batch"), body: [{ x: 1 }, { x: 2 }] },
    status: 200,
    body: [{ output: { y: 2 } }, { output: { y: 4 } }],
    headers: { "x-predikt-model-version": "3" },
  },
  {
    name: "batch by version",
    ask: { path: at("/predict/double/versions/4/batch"), body: [{ x: 1 }] },
    status: 200,
    body: [{ output: { y: 2 } }],
    headers: { "x-predikt-model-version": "4" },
  },
  {
    name: "batch by label",
    ask: { path: at("/predict/double/labels/stable/batch"), body: [{ x: 1 }] },
    status: 200,
    body: [{ output: { y: 2 } }],
  },
  {
    name: "batch of typed arrays",
    ask: { path: at("/predict/bytes/batch"), body: [{ bytes: [1, 2, 3] }] },
    status: 200,
    body: [{ output: { bytes: [2, 4, 6] } }],
  },
  { name: "empty batch", ask: { path: at("/predict/double/batch"), body: [] }, status: 200, body: [] },
  {
    name: "batch with items that fail alone",
    ask: { path: at("/predict/double/batch"), body: [{ x: 1 }, { x: "1" }, {}, null, { x: 4 }] },
    status: 200,
    body: [
      { output: { y: 2 } },
      failure("INPUT_DTYPE", expect.any(String), ["x", "number", "string"]),
      failure("INPUT_MISSING", expect.any(String), ["x", "number", "nothing"]),
      failure("INPUT_DTYPE", expect.any(String), ["", "object", "null"]),
      { output: { y: 8 } },
    ],
  },
  {
    name: "batch with items whose code throws",
    ask: { path: at("/predict/moody/batch"), body: ["ok", "decode", "cycle", "run", "unwritable"].map((mode) => ({ mode })) },
    status: 200,
    body: [
      { output: { mode: "ok" } },
      expect.objectContaining({ code: "DEFINITION_FAILED", error: expect.stringContaining("(decode)") }),
      expect.objectContaining({ code: "DEFINITION_FAILED" }),
      expect.objectContaining({ code: "BACKEND_RUN" }),
      { code: "INPUT_VALUE", error: expect.any(String) },
    ],
  },

  {
    name: "list of models",
    ask: { path: at("/models") },
    status: 200,
    body: {
      models: expect.arrayContaining([
        { name: "double", version: "3", labels: ["stable"], state: "ready", device: "cpu", default: true },
        { name: "double", version: "4", labels: [], state: "ready", device: "cpu", default: false },
        { name: "cube", version: "1", labels: ["stable"], state: "ready", device: "cpu", default: false },
      ]),
    },
    headers: { "cache-control": "no-store" },
  },
  {
    name: "one model",
    ask: { path: at("/models/double") },
    status: 200,
    body: expect.objectContaining({
      name: "double",
      version: "3",
      labels: ["stable"],
      device: "cpu",
      execution: "inline",
      state: "ready",
      typed: true,
      signature,
      input: { type: "object", properties: { x: { type: "number" } }, required: ["x"], additionalProperties: false },
      output: { type: "object", properties: { y: { type: "number" } }, required: ["y"], additionalProperties: false },
      example: { x: 3 },
      stats: expect.objectContaining({ requests: expect.any(Number), queued: 0, running: 0 }),
    }),
  },
  {
    name: "one model without a definition",
    ask: { path: at("/models/cube") },
    status: 200,
    body: expect.objectContaining({ typed: false, input: expect.objectContaining({ required: ["x"] }) }),
  },
  { name: "a model's example", ask: { path: at("/models/pixels/example") }, status: 200, body: { pixels: [1, 2, 3, 4] } },
  { name: "live", ask: { path: at("/health/live") }, status: 200, body: { status: "live" } },
  {
    name: "ready",
    ask: { path: at("/health/ready") },
    status: 200,
    body: { status: "ready", models: expect.arrayContaining([{ name: "double", version: "3", state: "ready" }]) },
  },
  {
    name: "OpenAPI",
    ask: { path: at("/openapi.json") },
    status: 200,
    body: expect.objectContaining({ openapi: "3.1.0", servers: [{ url: "/api" }] }),
  },
  {
    name: "docs",
    ask: { path: at("/docs") },
    status: 200,
    body: expect.stringMatching(/^<!doctype html>[\s\S]*http:\/\/127\.0\.0\.1:\d+\/api\/predict/),
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": expect.stringContaining("default-src 'none'") },
  },
  {
    name: "HEAD",
    ask: { method: "HEAD", path: at("/health/live") },
    status: 200,
    body: "",
    headers: { "content-type": "application/json; charset=utf-8" },
  },
  { name: "OPTIONS", ask: { method: "OPTIONS", path: at("/predict/double") }, status: 204, body: "", headers: { allow: "POST" } },

  {
    name: "unknown route",
    ask: { path: at("/nowhere") },
    status: 404,
    body: failure("MODEL_NOT_FOUND", `there is no such route; GET ${at("/docs")} lists them all`),
  },
  {
    name: "unknown route with a body",
    ask: { path: at("/nowhere"), body: { x: 1 } },
    status: 404,
    body: expect.objectContaining({ code: "MODEL_NOT_FOUND" }),
  },
  { name: "the mount itself", ask: { path: at("/") }, status: 404, body: expect.objectContaining({ code: "MODEL_NOT_FOUND" }) },
  {
    name: "unknown model",
    ask: { path: at("/predict/nobody"), body: { x: 1 } },
    status: 404,
    body: expect.objectContaining({ code: "MODEL_NOT_FOUND", error: expect.stringContaining('model "nobody"') }),
  },
  {
    name: "unknown model's description",
    ask: { path: at("/models/nobody") },
    status: 404,
    body: expect.objectContaining({ code: "MODEL_NOT_FOUND" }),
  },
  {
    name: "unknown version",
    ask: { path: at("/predict/double/versions/9"), body: { x: 1 } },
    status: 404,
    body: failure("MODEL_NOT_FOUND", 'version "9" of model "double": not served here; there is "3", "4"'),
  },
  {
    name: "unknown label",
    ask: { path: at("/predict/double/labels/canary"), body: { x: 1 } },
    status: 404,
    body: failure("MODEL_NOT_FOUND", 'label "canary" of model "double": not served here; there is "stable"'),
  },
  {
    name: "wrong method on predict",
    ask: { method: "GET", path: at("/predict/double") },
    status: 405,
    body: { ...failure("METHOD_NOT_ALLOWED", "method: expected POST, got another one"), details: { allow: "POST" } },
    headers: { allow: "POST" },
  },
  {
    name: "wrong method on predict, with a body",
    ask: { method: "PUT", path: at("/predict/double"), body: { x: 1 } },
    status: 405,
    body: expect.objectContaining({ code: "METHOD_NOT_ALLOWED" }),
    headers: { allow: "POST" },
  },
  {
    name: "wrong method on a document",
    ask: { path: at("/models"), body: {} },
    status: 405,
    body: { ...failure("METHOD_NOT_ALLOWED", "method: expected GET, HEAD, got another one"), details: { allow: "GET, HEAD" } },
    headers: { allow: "GET, HEAD" },
  },
  { name: "DELETE", ask: { method: "DELETE", path: at("/models/double") }, status: 405, headers: { allow: "GET, HEAD" } },
];
