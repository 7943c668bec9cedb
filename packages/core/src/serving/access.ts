import type { NeutralRequest } from "./neutral.ts";
import type { Operation } from "./protocol.ts";

/** Who asks. */
export interface Caller {
  /** Names the caller in limits and reply events: never a secret. */
  readonly id: string;
  /** What the caller may do, as {@link requireScopes} reads them: `predict:digits`, `metadata:*`, `*`. Default: nothing that asks for a scope. */
  readonly scopes?: readonly string[] | undefined;
}

/** What is to be allowed or refused. */
export interface AccessRequest extends Pick<NeutralRequest, "method" | "header"> {
  readonly requestId: string;
  readonly operation: Operation;
  /** The model that is meant, where one is. */
  readonly model: string | undefined;
  /** Where the connection comes from, where the adapter knows: the nearest proxy's address, if there is one. */
  readonly address?: string | undefined;
  /** Set by a hook that has found out, for those after it. */
  caller?: Caller | undefined;
}

/** How much a request has been found to bring. */
export interface RequestSize {
  /** Items, or rows of tensors; 0 where only the bytes are told now. */
  readonly rows: number;
  /** Of the body, as it was sent; 0 where they have been told before. */
  readonly bytes: number;
}

/** Ends a request's stay. */
export interface Leave {
  (): void;
  /** Called before anything runs: with the bytes once the body has been read, and with the rows once they are known. What it throws is the reply. */
  readonly weigh?: ((size: RequestSize) => void | Promise<void>) | undefined;
}

/**
 * Decides whether a request is answered: returns, or throws the error that is to be the reply, e.g. AccessError UNAUTHENTICATED or FORBIDDEN, or
 * OverloadError RATE_LIMITED. Where it throws anything else, the reply is 503 NOT_READY and tells nothing of it. A function that it returns is called once
 * the reply is ready, whatever it is.
 */
export type AccessHook = (request: AccessRequest) => Leave | undefined | Promise<Leave | undefined>;
