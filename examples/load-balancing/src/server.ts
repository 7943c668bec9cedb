import { createServer } from "node:http";
import { line } from "@predikt/example-linear-regression/definition";
import { createPredictor } from "@predikt/node";
import { createRequestListener } from "@predikt/node/http";

const predictor = await createPredictor(line, { source: new URL("../../linear-regression/linear.onnx", import.meta.url) });
const server = createServer(createRequestListener({ models: [predictor], prefix: "/api", handleSignals: true }));
server.listen(Number(process.env["PORT"]), "127.0.0.1", () => process.send?.("listening"));
