// Without a runtime installed: what does the user learn?
import { createPredictor, isPrediktError } from "@predikt/core";
import { nodeBackend } from "@predikt/node";
import { linear } from "./linear.mjs";

for (const device of ["cpu", "wasm"]) {
  const backend = nodeBackend();
  const error = await createPredictor({ source: linear(), backend, device }).catch((thrown) => thrown);
  console.log(isPrediktError(error, "BACKEND_MISSING"), error.code, error.message);
}
