import { expect } from "vitest";
import { at, failure, type Scenario } from "./scenario.ts";

const predict = (model: string, body: unknown, headers: Record<string, string> = {}): Scenario["ask"] => ({
  path: at(`/v1/models/${model}:predict`),
  body,
  headers,
});
const available = (version: string): object => ({ version, state: "AVAILABLE", status: { error_code: "OK", error_message: "" } });

/** TensorFlow Serving's REST API. */
export const tfserving: readonly Scenario[] = [
  {
    name: "TF: status of every version",
    ask: { path: at("/v1/models/double") },
    status: 200,
    body: { model_version_status: [available("3"), available("4")] },
  },
  {
    name: "TF: status of one",
    ask: { path: at("/v1/models/double/versions/4") },
    status: 200,
    body: { model_version_status: [available("4")] },
  },
  {
    name: "TF: status by label",
    ask: { path: at("/v1/models/double/labels/stable") },
    status: 200,
    body: { model_version_status: [available("3")] },
  },
  {
    name: "TF: status of nobody",
    ask: { path: at("/v1/models/nobody") },
    status: 404,
    body: expect.objectContaining({ error: expect.any(String) }),
  },
  {
    name: "TF: metadata",
    ask: { path: at("/v1/models/long/metadata") },
    status: 200,
    body: {
      model_spec: { name: "long", signature_name: "", version: "1" },
      metadata: {
        signature_def: {
          signature_def: {
            serving_default: {
              inputs: { x: { dtype: "DT_INT64", tensor_shape: { dim: [{ size: "-1", name: "" }], unknown_rank: false }, name: "x" } },
              outputs: { y: { dtype: "DT_INT64", tensor_shape: { dim: [{ size: "-1", name: "" }], unknown_rank: false }, name: "y" } },
              method_name: "tensorflow/serving/predict",
            },
          },
        },
      },
    },
  },
  { name: "TF: rows", ask: predict("double", { instances: [[1], [2]] }), status: 200, body: { predictions: [[2], [4]] } },
  {
    name: "TF: rows, as curl sends them",
    ask: predict("double/versions/4", '{"signature_name":"serving_default","instances":[[1]]}', {
      "content-type": "application/x-www-form-urlencoded",
    }),
    status: 200,
    body: { predictions: [[2]] },
    headers: { "x-predikt-model-version": "4" },
  },
  {
    name: "TF: rows by name, by label",
    ask: predict("double/labels/stable", { instances: [{ x: [1] }, { x: [2] }] }),
    status: 200,
    body: { predictions: [[2], [4]] },
  },
  { name: "TF: columns, one input", ask: predict("double", { inputs: [[1], [2]] }), status: 200, body: { outputs: [[2], [4]] } },
  {
    name: "TF: rows of several inputs and outputs",
    ask: predict("two", {
      instances: [
        { a: [1, 2, 3], b: 1 },
        { a: [4, 5, 6], b: 0 },
      ],
    }),
    status: 200,
    body: {
      predictions: [
        { y: [2, 4, 6], z: 2 ** 40 },
        { y: [8, 10, 12], z: 0 },
      ],
    },
  },
  {
    name: "TF: columns of several inputs and outputs",
    ask: predict("two", { inputs: { a: [[1, 2, 3]], b: [0] } }),
    status: 200,
    body: { outputs: { y: [[2, 4, 6]], z: [0] } },
  },
  { name: "TF: base64 of other bytes", ask: predict("words", { instances: [{ b64: "/w==" }] }), status: 400 },
  {
    name: "TF: base64 of text",
    ask: predict("words", { instances: [{ b64: Buffer.from("bΩ").toString("base64") }, "plain"] }),
    status: 200,
    body: { predictions: ["bΩ", "plain"] },
  },
  { name: "TF: base64 for numbers", ask: predict("double", { instances: [{ b64: "AAAA" }] }), status: 400 },
  {
    name: "TF: bare NaN",
    ask: predict("double", '{"instances":[[NaN],[-Infinity]]}'),
    status: 200,
    body: { predictions: [["NaN"], ["-Infinity"]] },
  },
  {
    name: "TF: neither instances nor inputs",
    ask: predict("double", {}),
    status: 400,
    body: failure("INPUT_MISSING", 'body: expected either "instances" or "inputs", got neither', [
      "body",
      'either "instances" or "inputs"',
      "neither",
    ]),
  },
  { name: "TF: both", ask: predict("double", { instances: [[1]], inputs: [[1]] }), status: 400 },
  { name: "TF: nothing", ask: predict("double", ""), status: 400, body: expect.objectContaining({ code: "BODY_INVALID" }) },
  { name: "TF: another signature", ask: predict("double", { signature_name: "other", instances: [[1]] }), status: 400 },
  { name: "TF: objects and values mixed", ask: predict("double", { instances: [[1], { x: [1] }] }), status: 400 },
  {
    name: "TF: an element that is no number, by path",
    ask: predict("two", {
      instances: [
        { a: [1, 2, 3], b: 1 },
        { a: [1, "two", 3], b: 1 },
      ],
    }),
    status: 400,
    body: failure("INPUT_DTYPE", "instances[1].a[1]: expected FP32, got string", ["instances[1].a[1]", "FP32", "string"]),
  },
  {
    name: "TF: rows of different shapes",
    ask: predict("double", { instances: [[1], [1, 2]] }),
    status: 400,
    body: expect.objectContaining({ code: "INPUT_SHAPE" }),
  },
  { name: "TF: wrong method", ask: { path: at("/v1/models/double:predict") }, status: 405, headers: { allow: "POST" } },
  { name: "TF: no classify", ask: { path: at("/v1/models/double:classify"), body: { examples: [] } }, status: 404 },
];
