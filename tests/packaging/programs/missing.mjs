// Without a runtime or zod installed: what does the user learn?
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPredictor, isPrediktError } from "@predikt/core";
import { nodeBackend } from "@predikt/node";
import { jwtAccess } from "@predikt/node/access";
import { createGrpcServer, remote } from "@predikt/node/grpc";
import { readImage } from "@predikt/node/image";
import { createMetrics } from "@predikt/node/metrics";
import { createTracing } from "@predikt/node/otel";
import { openRepository } from "@predikt/node/repository";
import { linear } from "./linear.mjs";

const require = createRequire(import.meta.url);

for (const device of ["cpu", "wasm"]) {
  const backend = nodeBackend();
  const error = await createPredictor({ source: linear(), backend, device }).catch((thrown) => thrown);
  console.log(isPrediktError(error, "BACKEND_MISSING"), error.code, error.message);
}

const models = mkdtempSync(join(tmpdir(), "predikt-test-"));
mkdirSync(join(models, "line/1"), { recursive: true });
writeFileSync(join(models, "line/1/model.onnx"), linear());
writeFileSync(join(models, "line/predikt.json"), "{}");
await (await openRepository(models, { settleMs: 1, onWarning: ({ path, reason }) => console.log(`${path}: ${reason}`) })).close();

const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
for (const read of [readImage, require("@predikt/node/image").readImage]) {
  const error = await read(png).catch((thrown) => thrown);
  console.log(isPrediktError(error, "BACKEND_MISSING"), error.code, error.message);
}

const others = [
  () => createGrpcServer({ models: [] }),
  () => require("@predikt/node/grpc").createGrpcServer({ models: [] }),
  () => createPredictor({ source: "m", backend: remote("127.0.0.1:1") }),
  ...[jwtAccess, require("@predikt/node/access").jwtAccess].map(
    (access) => () => access({ jwks: { keys: [] }, issuer: "i", audience: "a" }),
  ),
  createMetrics,
  require("@predikt/node/metrics").createMetrics,
  createTracing,
  require("@predikt/node/otel").createTracing,
];
for (const start of others) {
  const error = await start().catch((thrown) => thrown);
  console.log(isPrediktError(error, "BACKEND_MISSING"), error.code, error.message);
}
