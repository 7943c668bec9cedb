import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { digits } from "@predikt/example-digits/definition";
import { line } from "@predikt/example-linear-regression/definition";
import { createPredictor } from "@predikt/node";
import { drainServer } from "@predikt/node/cluster";
import { createRequestListener } from "@predikt/node/http";

const models = await Promise.all([
  createPredictor(line, { source: new URL("../../linear-regression/linear.onnx", import.meta.url) }),
  createPredictor(digits, { source: new URL("../../digits/digits.onnx", import.meta.url), batching: { maxBatchSize: 32 } }),
]);

const listener = createRequestListener({ models, prefix: "/api", default: "linear" });
const server = createServer(listener);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    // First the connections that nginx keeps, which are told to close with their next answer; then the models.
    await drainServer(server, { timeoutMs: 10_000 });
    await listener.close();
    await Promise.all(models.map((model) => model.close()));
  });
}

const port = Number(process.env["PORT"] ?? 3001);
server.on("error", (error) => {
  console.error(`${error.message}. Another port: PORT=${port + 1} npm start`);
  process.exit(1);
});
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/docs`));
