// The double-package trap: an application that is an ES module, and a dependency of it that is CommonJS, have two copies of core.
import { createRequire } from "node:module";
import * as esm from "@predikt/core";
import { fakeBackend } from "@predikt/core/testing";
import { createRequestListener } from "@predikt/node/http";

const require = createRequire(import.meta.url);
const cjs = require("@predikt/core");
const { fakeBackend: cjsFakeBackend } = require("@predikt/core/testing");

const failing = (core, backend) =>
  core
    .createPredictor({ source: "m.onnx", backend })
    .then((predictor) => predictor.run({}))
    .catch((thrown) => thrown);
const fromEsm = await failing(esm, fakeBackend());
const fromCjs = await failing(cjs, cjsFakeBackend());
console.log("two copies", esm.PrediktError !== cjs.PrediktError);
console.log("instanceof", fromCjs instanceof esm.PrediktError, fromEsm instanceof cjs.PrediktError);
console.log("isPrediktError", esm.isPrediktError(fromCjs, "INPUT_MISSING"), cjs.isPrediktError(fromEsm, "INPUT_MISSING"));

// A backend of one copy fails inside a predictor of the other: the code survives.
const mixed = await esm.createPredictor({
  source: "m.onnx",
  backend: cjsFakeBackend({
    compute: () => {
      throw new cjs.BackendError("BACKEND_MEMORY", "from the other copy");
    },
  }),
  warmup: false,
});
console.log("mixed", (await mixed.run({ x: [[1]] }).catch((thrown) => thrown)).code);

// A predictor of one copy behind the HTTP adapter of the other: the status is the table's, not 500.
const predictor = await cjs.createPredictor({ source: "m.onnx", backend: cjsFakeBackend() });
const { createServer } = await import("node:http");
const server = createServer(createRequestListener({ models: [predictor] }));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const reply = await fetch(`http://127.0.0.1:${server.address().port}/predict`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: "{}",
});
console.log("http", reply.status, (await reply.json()).code);
server.close();
server.closeAllConnections();
