import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { digits } from "@predikt/example-digits/definition";
import { line } from "@predikt/example-linear-regression/definition";
import { createPredictor } from "@predikt/node";
import { createRequestListener } from "@predikt/node/http";
import { createMetrics } from "@predikt/node/metrics";

const models = await Promise.all([
  createPredictor(line, { source: new URL("../../linear-regression/linear.onnx", import.meta.url) }),
  createPredictor(digits, { source: new URL("../../digits/digits.onnx", import.meta.url), batching: { maxBatchSize: 32 } }),
]);

// What Prometheus asks for at /api/metrics; people look at /api/status.
const metrics = await createMetrics();
const listener = createRequestListener({ models, default: "linear", prefix: "/api", metrics, handleSignals: true });

const port = Number(process.env["PORT"] ?? 3000);
const server = createServer(listener);
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/status`));
