export { type ErrorBody, fromErrorBody, isErrorBody, toErrorBody } from "./errors.ts";
export { binaryType, headers, jsonReply, jsonType } from "./headers.ts";
export { bodyIncomplete, bodyNotUtf8, bodyTooLarge, decodeText, inflate } from "./inflate.ts";
export { toJson, toPlain } from "./json.ts";
export { checkParsed, parseJson } from "./parse-json.ts";
export { readStream } from "./read-stream.ts";
export { readTensor, tensorBytes } from "./tensor-bytes.ts";
export { parseTolerantJson } from "./tolerant-json.ts";
