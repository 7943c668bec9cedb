// One HTTP server for the benchmarks: prints its port, and answers each line on its input with the CPU time it has used so far, in milliseconds.
import { createPredictor } from "@predikt/node";
import { predikt } from "@predikt/node/fastify";
import Fastify from "fastify";
import { digits, linear } from "../lib/definitions.mjs";
import { digitsModel, linearModel, scoresModel } from "../lib/models.mjs";
import { rawSession, Tensor } from "../lib/raw.mjs";

const kinds = {
  /** What an engineer would write without us. */
  async raw(app) {
    const session = await rawSession(linearModel);
    app.post("/api/predict/linear", async (request, reply) => {
      const { x } = request.body ?? {};
      if (typeof x !== "number") return reply.code(400).send({ error: "x must be a number" });
      const { y } = await session.run({ x: new Tensor("float32", new Float32Array([x]), [1, 1]) });
      return { y: y.data[0] };
    });
  },
  predikt: (app) => mount(app, linear, { source: linearModel }),
  batched: (app) => mount(app, linear, { source: linearModel, batching: { maxBatchSize: 32 } }),
  digits: (app) => mount(app, digits, { source: digitsModel, batching: { maxBatchSize: 32 } }),
  scores: (app) => mount(app, { name: "scores" }, { source: scoresModel, batching: { maxBatchSize: 32 } }),
  /** The same over gRPC as well; GET /grpc tells its port. */
  async grpc(app) {
    const { createGrpcServer } = await import("@predikt/node/grpc");
    const predictor = await mount(app, { name: "scores" }, { source: scoresModel });
    const server = await createGrpcServer({ models: [predictor] });
    const port = await server.listen({ port: 0 });
    app.get("/grpc", async () => ({ port }));
    app.addHook("onClose", () => server.close());
  },
};

async function mount(app, definition, options) {
  const given = { device: "cpu", execution: "inline", ...options };
  const predictor = await ("input" in definition ? createPredictor(definition, given) : createPredictor({ ...definition, ...given }));
  await app.register(predikt, { prefix: "/api", models: [predictor] });
  return predictor;
}

const app = Fastify();
await kinds[process.argv[2]](app);
await app.listen({ port: 0, host: "127.0.0.1" });
console.log(app.server.address().port);
process.stdin.on("data", () => {
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1000);
});
process.stdin.on("end", () => app.close().then(() => process.exit()));
