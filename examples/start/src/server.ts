import { digits } from "@predikt/example-digits/definition";
import { line } from "@predikt/example-linear-regression/definition";
import { createPredictor } from "@predikt/node";
import { predikt } from "@predikt/node/fastify";
import Fastify, { type FastifyInstance } from "fastify";
import { servePage } from "./page.ts";

/** A server with both models under `/api` and the built page of examples/react-vite at `/`. Closing it drains it, and closes the models. */
export async function createServer(lineFile: string): Promise<FastifyInstance> {
  const models = await Promise.all([
    createPredictor(line, { source: lineFile }),
    createPredictor(digits, { source: new URL("../../digits/digits.onnx", import.meta.url), batching: { maxBatchSize: 32 } }),
  ]);
  const app = Fastify();
  app.addHook("onClose", () => Promise.all(models.map((model) => model.close())));
  await servePage(app);
  app.get("/api", (_request, reply) => reply.redirect("/api/docs"));
  await app.register(predikt, { prefix: "/api", models, default: "linear", title: "Predikt: linear and digits" });
  return app;
}

/**
 * Listens on the port asked for, or on 3000 or the first free one of the 20 after it.
 *
 * @returns the server's URL
 * @throws Error that says what to do where the port is taken
 */
export async function listen(app: FastifyInstance, asked: number | undefined): Promise<string> {
  const host = "127.0.0.1";
  for (let port = asked ?? 3000; ; port++) {
    try {
      return await app.listen({ host, port });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      if (asked !== undefined) throw new Error(`Port ${port} is taken by another program. Another one: npm start -- --port ${port + 1}`);
      if (port === 3020) throw new Error("The ports 3000 to 3020 are taken by other programs. Another one: npm start -- --port 8080");
      console.log(`Port ${port} is taken; trying the next one.`);
    }
  }
}
