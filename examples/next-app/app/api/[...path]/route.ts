import { join } from "node:path";
import { toFetchHandler } from "@predikt/core/serving";
import { digits } from "@predikt/example-digits/definition";
import { createPredictor } from "@predikt/node";

const source = join(process.cwd(), "node_modules/@predikt/example-digits/digits.onnx");

/** Made with the first request, not while the app is built. */
let handler: Promise<ReturnType<typeof toFetchHandler>> | undefined;

async function handle(request: Request): Promise<Response> {
  handler ??= createPredictor(digits, { source }).then((predictor) => toFetchHandler({ models: [predictor], prefix: "/api" }));
  return (await handler)(request);
}

export { handle as GET, handle as HEAD, handle as OPTIONS, handle as POST };
