import type { NeutralRequest } from "./neutral.ts";
import type { Operation } from "./protocol.ts";

/** What is to be allowed or refused. */
export interface AccessRequest extends Pick<NeutralRequest, "method" | "header"> {
  readonly requestId: string;
  readonly operation: Operation;
  /** The model that is meant, where one is. */
  readonly model: string | undefined;
}

/**
 * Decides whether a request is answered: returns, or throws the error that is to be the reply, e.g. AccessError UNAUTHENTICATED or FORBIDDEN, or
 * OverloadError RATE_LIMITED. A function that it returns is called once the reply is ready, whatever it is.
 */
export type AccessHook = (request: AccessRequest) => Leave | Promise<Leave>;

/** Ends a request's stay, where it has one. */
export type Leave = (() => void) | undefined;
