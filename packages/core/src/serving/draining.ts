import { LifecycleError } from "../errors/index.ts";

/** The error of what comes, or has not come whole, while a server closes. */
export function drainingError(): LifecycleError {
  return new LifecycleError("DRAINING", "the server is finishing its work and takes no more");
}
