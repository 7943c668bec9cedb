import type { AddressInfo } from "node:net";
import { digits } from "@predikt/example-digits/definition";
import { line } from "@predikt/example-linear-regression/definition";
import { createPredictor } from "@predikt/node";
import { predikt } from "@predikt/node/express";
import express from "express";

const models = await Promise.all([
  createPredictor(line, { source: new URL("../../linear-regression/linear.onnx", import.meta.url) }),
  createPredictor(digits, { source: new URL("../../digits/digits.onnx", import.meta.url), batching: { maxBatchSize: 32 } }),
]);

const app = express();
app.get("/", (_request, response) => void response.redirect("/api/docs"));
// The first Ctrl-C or SIGTERM lets every prediction under way finish, and ends the process then.
app.use("/api", predikt({ models, default: "linear", handleSignals: true }));

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, "127.0.0.1", (error) => {
  if (error) {
    console.error(`${error.message}. Another port: PORT=${port + 1} npm start`);
    process.exit(1);
  }
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/docs`);
});
