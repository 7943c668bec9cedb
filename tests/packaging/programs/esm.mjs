// A user's program as an ES module: a model in every execution, then over HTTP and back through the client. It ends by itself.
import { createServer } from "node:http";
import { defineModel, numbers, tensor } from "@predikt/core";
import { httpPredictor } from "@predikt/core/client";
import { createPredictor } from "@predikt/node";
import { createRequestListener } from "@predikt/node/http";
import { z } from "zod";
import { linear } from "./linear.mjs";

const line = defineModel({
  name: "line",
  input: z.object({ x: numbers({ length: 1 }) }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", x, [1, 1]) }),
  decode: ({ y }) => ({ y: y.data[0] }),
  example: { x: [0] },
});

for (const execution of ["inline", "worker", "process"]) {
  const predictor = await createPredictor(line, { source: linear(), device: "cpu", execution });
  console.log(execution, (await predictor.predict({ x: [3] })).y);
  await predictor.close();
}

const predictor = await createPredictor(line, { source: linear(), batching: true });
const server = createServer(createRequestListener({ models: [predictor], prefix: "/api" }));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const client = httpPredictor(line, `http://127.0.0.1:${server.address().port}/api`);
console.log("http", (await client.predict({ x: [4] })).y);
const error = await client.predict({ x: [1, 2] }).catch((thrown) => thrown);
console.log("error", error.code, error.status);
await client.close();
server.close();
server.closeAllConnections();
await predictor.close();
