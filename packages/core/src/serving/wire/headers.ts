/** The headers of the wire format, in lower case. */
export const headers = {
  requestId: "x-request-id",
  timeoutMs: "x-predikt-timeout-ms",
  priority: "x-predikt-priority",
  routingKey: "x-predikt-routing-key",
  modelVersion: "x-predikt-model-version",
  shape: "x-predikt-shape",
  dtype: "x-predikt-dtype",
} as const;

/** The media type of a raw tensor: its elements in row-major order, little-endian. */
export const binaryType = "application/octet-stream";

/** The media type of everything else. */
export const jsonType = "application/json";

/** The content type of JSON replies. JSON has no charset, but Fastify would add one and all adapters reply alike. */
export const jsonReply = "application/json; charset=utf-8";
