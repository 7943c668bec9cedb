import { createPredictor } from "@predikt/node";
import { predikt } from "@predikt/node/fastify";
import Fastify from "fastify";
import { line } from "./definition.ts";
import { modelFile } from "./make-model.ts";

const predictor = await createPredictor(line, { source: modelFile });
const app = Fastify();
app.addHook("onClose", () => predictor.close());
await app.register(predikt, { prefix: "/api", models: [predictor], handleSignals: true });
const port = Number(process.env["PORT"] ?? 3000);
try {
  const url = await app.listen({ host: "127.0.0.1", port });
  console.log(`POST ${url}/api/predict   ${url}/api/docs   (Ctrl-C ends it)`);
} catch (error) {
  console.error(`${(error as Error).message}. Another port: PORT=${port + 1} npm start`);
  process.exit(1);
}
