import { fileURLToPath } from "node:url";
import { makeModel } from "@predikt/example-linear-regression/make-model";
import { askItself, nextSteps } from "./ask.ts";
import { createServer, listen } from "./server.ts";
import { untilSignal } from "./until-signal.ts";

/** The file that it trains; the one that lies beside linear-regression's README stays as it is. */
const modelFile = fileURLToPath(new URL("../../../.cache/start/linear.onnx", import.meta.url));

/** What `npm start` may ask for. */
export interface StartOptions {
  /** Undefined: 3000, or the next free port. */
  readonly port?: number | undefined;
  /** End after the request to itself, instead of waiting for a signal. */
  readonly once?: boolean | undefined;
}

/** Trains and exports the line, serves both models, asks them, and waits for SIGINT or SIGTERM. Says everything on the console. @returns the exit code */
export async function start({ port, once = false }: StartOptions): Promise<number> {
  try {
    console.log("\n▸ Training a model and exporting it to ONNX …");
    await makeModel(modelFile);
    console.log("\n▸ Serving it, a recogniser of handwritten digits, and a page …");
    const app = await createServer(modelFile);
    try {
      const url = await listen(app, port);
      const stop = untilSignal();
      await askItself(url);
      if (once) return 0;
      console.log(nextSteps(url));
      const { signal, echoed } = await stop;
      console.log(`\n${signal}: finishing what is under way …`);
      await Promise.all([app.close(), echoed]);
      return 0;
    } finally {
      await app.close();
      console.log("Closed.");
    }
  } catch (error) {
    console.error(`✗ ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}
