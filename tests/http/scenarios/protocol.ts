import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { expect } from "vitest";
import { limits } from "../models.ts";
import { at, failure, type Scenario } from "./scenario.ts";

const asJson = { "content-type": "application/json" };
const text = JSON.stringify({ x: 3 });
const bomb = gzipSync(`{"x":${" ".repeat(4 * 2 ** 20)}1}`);
const tooLarge = {
  ...failure("INPUT_TOO_LARGE", "body: expected at most 65536 bytes, got more", ["body", "at most 65536 bytes", "more"]),
  details: { limit: 65536 },
};
const header = (name: string, value: string): Scenario["ask"] => ({ path: at("/predict"), body: { x: 1 }, headers: { [name]: value } });

/** Content types, encodings, sizes and headers. */
export const protocol: readonly Scenario[] = [
  {
    name: "a charset of UTF-8",
    ask: { path: at("/predict"), body: text, headers: { "content-type": 'application/json; charset="UTF-8"' } },
    status: 200,
    body: { y: 6 },
  },
  {
    name: "a JSON suffix type",
    ask: { path: at("/predict"), body: text, headers: { "content-type": "application/vnd.api+json" } },
    status: 200,
    body: { y: 6 },
  },
  { name: "no content type", ask: { path: at("/predict"), body: text }, status: 200, body: { y: 6 } },
  { name: "a byte-order mark", ask: { path: at("/predict"), body: `\ufeff${text}`, headers: asJson }, status: 200, body: { y: 6 } },
  { name: "a body in chunks", ask: { path: at("/predict"), body: text, headers: asJson, chunked: true }, status: 200, body: { y: 6 } },
  {
    name: "wrong content type",
    ask: { path: at("/predict"), body: text, headers: { "content-type": "text/plain" } },
    status: 415,
    body: failure("UNSUPPORTED_MEDIA_TYPE", expect.any(String), [
      "content-type",
      "application/json or application/octet-stream",
      "another one",
    ]),
    headers: { accept: "application/json, application/octet-stream", "accept-encoding": undefined },
  },
  {
    name: "a form",
    ask: { path: at("/predict"), body: "x=1", headers: { "content-type": "application/x-www-form-urlencoded" } },
    status: 415,
    body: expect.objectContaining({ code: "UNSUPPORTED_MEDIA_TYPE" }),
  },
  {
    name: "a content type that is none",
    ask: { path: at("/predict"), body: text, headers: { "content-type": "json" } },
    status: 415,
    body: failure("UNSUPPORTED_MEDIA_TYPE", expect.any(String), [
      "content-type",
      "application/json or application/octet-stream",
      "another one",
    ]),
  },
  {
    name: "another charset",
    ask: { path: at("/predict"), body: text, headers: { "content-type": "application/json; charset=utf-16" } },
    status: 415,
    body: failure("UNSUPPORTED_MEDIA_TYPE", expect.any(String), ["content-type", "charset utf-8", "another one"]),
  },
  {
    name: "binary for a batch",
    ask: { path: at("/predict/cube/batch"), body: new Uint8Array(24), headers: { "content-type": "application/octet-stream" } },
    status: 415,
    body: expect.objectContaining({ code: "UNSUPPORTED_MEDIA_TYPE" }),
  },

  {
    name: "truncated JSON",
    ask: { path: at("/predict"), body: '{"x": 1', headers: asJson },
    status: 400,
    body: failure("BODY_INVALID", "body: expected JSON, got text that is cut off or malformed"),
  },
  {
    name: "malformed JSON, not quoted back",
    ask: { path: at("/predict"), body: "{secret}", headers: asJson },
    status: 400,
    body: failure("BODY_INVALID", "body: expected JSON, got text that is cut off or malformed"),
  },
  {
    name: "an empty body",
    ask: { path: at("/predict"), body: "", headers: asJson },
    status: 400,
    body: failure("BODY_INVALID", "body: expected JSON, got nothing"),
  },
  {
    name: "no body at all",
    ask: { method: "POST", path: at("/predict") },
    status: 400,
    body: failure("BODY_INVALID", "body: expected JSON, got nothing"),
  },
  {
    name: "an empty body in chunks",
    ask: { path: at("/predict"), body: "", headers: asJson, chunked: true },
    status: 400,
    body: failure("BODY_INVALID", "body: expected JSON, got nothing"),
  },
  {
    name: "bytes that are not UTF-8",
    ask: { path: at("/predict/words"), body: Buffer.from('{"x":["\xff"]}', "latin1"), headers: asJson },
    status: 400,
    body: failure("BODY_INVALID", "body: expected UTF-8, got other bytes"),
  },

  {
    name: "gzip",
    ask: { path: at("/predict"), body: gzipSync(text), headers: { ...asJson, "content-encoding": "gzip" } },
    status: 200,
    body: { y: 6 },
  },
  {
    name: "deflate",
    ask: { path: at("/predict"), body: deflateSync(text), headers: { ...asJson, "content-encoding": "deflate" } },
    status: 200,
    body: { y: 6 },
  },
  {
    name: "deflate without its wrapper, as some clients send it",
    ask: { path: at("/predict"), body: deflateRawSync(text), headers: { ...asJson, "content-encoding": "deflate" } },
    status: 200,
    body: { y: 6 },
  },
  {
    name: "identity",
    ask: { path: at("/predict"), body: text, headers: { ...asJson, "content-encoding": "identity" } },
    status: 200,
    body: { y: 6 },
  },
  {
    name: "gzip, chunked",
    ask: { path: at("/predict"), body: gzipSync(text), headers: { ...asJson, "content-encoding": "GZIP" }, chunked: true },
    status: 200,
    body: { y: 6 },
  },
  {
    name: "an unknown encoding",
    ask: { path: at("/predict"), body: text, headers: { ...asJson, "content-encoding": "br" } },
    status: 415,
    body: failure("UNSUPPORTED_MEDIA_TYPE", expect.any(String), ["content-encoding", "gzip, deflate or identity", "another one"]),
    headers: { "accept-encoding": "gzip, deflate" },
  },
  {
    name: "gzip that is none",
    ask: { path: at("/predict"), body: text, headers: { ...asJson, "content-encoding": "gzip" } },
    status: 400,
    body: failure("BODY_INVALID", "body: expected gzip data, got something broken or cut off"),
  },
  {
    name: "gzip cut off",
    ask: { path: at("/predict"), body: gzipSync(text).subarray(0, -6), headers: { ...asJson, "content-encoding": "gzip" } },
    status: 400,
    body: failure("BODY_INVALID", "body: expected gzip data, got something broken or cut off"),
  },
  {
    name: "a gzip bomb",
    ask: { path: at("/predict"), body: bomb, headers: { ...asJson, "content-encoding": "gzip" } },
    status: 413,
    body: tooLarge,
  },
  {
    name: "a deflate bomb",
    ask: { path: at("/predict"), body: deflateSync(Buffer.alloc(2 ** 20)), headers: { ...asJson, "content-encoding": "deflate" } },
    status: 413,
    body: tooLarge,
  },
  {
    name: "a binary gzip bomb",
    ask: {
      path: at("/predict/double"),
      body: gzipSync(Buffer.alloc(2 ** 20)),
      headers: { "content-type": "application/octet-stream", "content-encoding": "gzip" },
    },
    status: 413,
    body: expect.objectContaining({ code: "INPUT_TOO_LARGE" }),
  },

  {
    name: "a body as large as allowed",
    ask: { path: at("/predict"), body: text + " ".repeat(limits.jsonBytes - text.length), headers: asJson },
    status: 200,
    body: { y: 6 },
  },
  {
    name: "a body too large",
    ask: { path: at("/predict"), body: text + " ".repeat(limits.jsonBytes - text.length + 1), headers: asJson },
    status: 413,
    body: tooLarge,
  },
  {
    name: "a chunked body too large",
    ask: { path: at("/predict"), body: text + " ".repeat(limits.jsonBytes), headers: asJson, chunked: true },
    status: 413,
    body: tooLarge,
  },
  { name: "a huge array", ask: { path: at("/predict/free"), body: { x: [Array(20_000).fill(0.125)] } }, status: 413, body: tooLarge },
  {
    name: "a large array that is allowed",
    ask: { path: at("/predict/free"), body: { x: [Array(20_000).fill(1)] } },
    status: 200,
    body: { y: { type: "float32", dims: [1, 20_000], data: Array(20_000).fill(2) } },
  },
  {
    name: "a binary body too large",
    ask: {
      path: at("/predict/cube"),
      body: new Uint8Array(limits.binaryBytes + 1),
      headers: { "content-type": "application/octet-stream" },
    },
    status: 413,
    body: expect.objectContaining({ code: "INPUT_TOO_LARGE", details: { limit: limits.binaryBytes } }),
  },

  { name: "the request's id comes back", ask: header("x-request-id", "abc-1"), status: 200, headers: { "x-request-id": "abc-1" } },
  {
    name: "a request's id that is none",
    ask: header("x-request-id", "a b"),
    status: 200,
    headers: { "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/) },
  },
  {
    name: "two ids, joined by a proxy",
    ask: { path: at("/health/live"), headers: { "x-request-id": "a, b" } },
    status: 200,
    headers: { "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/) },
  },
  { name: "priority", ask: header("x-predikt-priority", "high"), status: 200 },
  {
    name: "a priority that is none",
    ask: header("x-predikt-priority", "urgent"),
    status: 400,
    body: failure("INPUT_VALUE", expect.any(String), ["x-predikt-priority", "high, normal or low", "another word"]),
  },
  { name: "a time limit", ask: header("x-predikt-timeout-ms", "60000"), status: 200 },
  {
    name: "a time limit of nothing",
    ask: header("x-predikt-timeout-ms", "0"),
    status: 400,
    body: failure("INPUT_VALUE", expect.any(String), ["x-predikt-timeout-ms", "milliseconds between 0 and 2147483647", "something else"]),
  },
  {
    name: "a time limit that is none",
    ask: header("x-predikt-timeout-ms", "1s"),
    status: 400,
    body: expect.objectContaining({ code: "INPUT_VALUE" }),
  },
  { name: "a routing key", ask: header("x-predikt-routing-key", "user-7"), status: 200 },
  {
    name: "a routing key too long",
    ask: header("x-predikt-routing-key", "k".repeat(257)),
    status: 400,
    body: failure("INPUT_VALUE", expect.any(String), ["x-predikt-routing-key", "1 to 256 characters", "257"]),
  },
];
