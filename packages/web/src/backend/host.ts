import { BackendError } from "@predikt/core";
import { PortClient, type WorkerPort } from "@predikt/core/runtime";
import { assetsCure } from "../worker/assets-cure.ts";
import type { Calls } from "../worker/protocol.ts";

/** The worker that has the runtime, seen from the page. */
export class Host extends PortClient<Calls> {
  /** @param url Of the worker's script. */
  constructor(port: WorkerPort, url: string) {
    super(port, () => {
      return new BackendError("BACKEND_MISSING", `the worker's script ${url} could not be loaded: ${assetsCure}`, { details: { url } });
    });
  }
}
