import { digits } from "@predikt/example-digits/definition";
import { line } from "@predikt/example-linear-regression/definition";
import { createPredictor } from "@predikt/node";
import { predikt } from "@predikt/node/fastify";
import Fastify from "fastify";

const models = await Promise.all([
  createPredictor(line, { source: new URL("../../linear-regression/linear.onnx", import.meta.url) }),
  createPredictor(digits, { source: new URL("../../digits/digits.onnx", import.meta.url), batching: { maxBatchSize: 32 } }),
]);

const app = Fastify({ logger: { level: "warn" } });
app.get("/", (_request, reply) => reply.redirect("/api/docs"));
// The first Ctrl-C or SIGTERM closes the app: every prediction under way finishes, and the process ends then.
await app.register(predikt, { prefix: "/api", models, default: "linear", handleSignals: true });
// Whoever makes a predictor closes it.
app.addHook("onClose", () => Promise.all(models.map((model) => model.close())));

const port = Number(process.env["PORT"] ?? 3000);
try {
  console.log(`${await app.listen({ host: "127.0.0.1", port })}/api/docs`);
} catch (error) {
  console.error(`${(error as Error).message}. Another port: PORT=${port + 1} npm start`);
  process.exit(1);
}
