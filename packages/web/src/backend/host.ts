import { BackendError } from "@predikt/core";
import { PortClient, type WorkerPort } from "@predikt/core/runtime";
import type { Calls } from "../worker/protocol.ts";

/** The worker that has the runtime, seen from the page. */
export class Host extends PortClient<Calls> {
  /** @param url Of the worker's script. */
  constructor(port: WorkerPort, url: string) {
    super(port, () => {
      const cure = "serve the folder dist/ of @predikt/web there, or name another place with the option assets.base";
      return new BackendError("BACKEND_MISSING", `the worker's script ${url} could not be loaded: ${cure}`, { details: { url } });
    });
  }
}
