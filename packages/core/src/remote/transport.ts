import type { PrediktError } from "../errors/index.ts";
import type { AbortLike, ModelMetadata, Priority, Signature, Tensors } from "../types/index.ts";

/**
 * One wire protocol to one endpoint: it says a request and reads the reply. It neither retries nor chooses, keeps no time and counts nothing; the
 * backend over it does. Implement it to bring another protocol: `transportBackend` makes a backend of it.
 */
export interface Transport {
  /** Asks the server about the model. */
  describe(call: TransportCall): Promise<Answer<RemoteModel>>;
  /** Runs the model once. The feeds fit the signature that `describe` gave, and may share memory with what others hold: they are read only. */
  infer(feeds: Tensors, call: InferCall): Promise<Answer<Tensors>>;
  /** Whether the model can be asked now, at the least cost. Asked by health probes. */
  ready(call: TransportCall): Promise<Answer<boolean>>;
  /** Called when the endpoint has failed: what was learnt of the server itself may be another's from now on. */
  forget?(): void;
  /** Gives connections back. No call is under way and none follows. */
  close?(): void | Promise<void>;
}

/** What every call has. */
export interface TransportCall {
  /** Ends the call on the wire. It rejects with the reason then, or gives whatever answer it has. */
  readonly signal: AbortSignal | undefined;
  /** Milliseconds in which an answer is of use, for the server to know. Ending the call then is `signal`'s work. */
  readonly timeoutMs: number | undefined;
}

/** What a run has beyond that. */
export interface InferCall extends TransportCall {
  readonly signature: Signature;
  readonly requestId: string | undefined;
  /** Whose run it is, for headers that depend on that. */
  readonly caller?: AbortLike | undefined;
  readonly priority: Priority;
}

/** A model as a server describes it. */
export interface RemoteModel {
  /** Dimensions that the server says are free (−1) are strings, `""` where they have no name. */
  readonly signature: Signature;
  /** What the server tells of itself and the model, for `info.metadata`: `name` and `version` where they can be told. */
  readonly metadata: ModelMetadata;
}

/** What a call came to. A transport returns its failures; it rejects only with the reason of an aborted signal, or for what is the caller's own: an InputError, a ConfigError. */
export type Answer<Value> = { readonly value: Value } | Refusal;

/** A call that failed. */
export interface Refusal {
  readonly error: PrediktError;
  /** Whether the same call may be made again, here or elsewhere: nothing of a reply had come, or the server says that it did no work and may soon. */
  readonly again: boolean;
  /** Whether it speaks against the endpoint and not against the request; such failures in a row take the endpoint out of use. */
  readonly faulty: boolean;
  /** Milliseconds that the server asks to wait before the next attempt; 0 where it does not say. */
  readonly retryAfterMs: number;
}

/** Whether a call failed. */
export function isRefusal(answer: Answer<unknown>): answer is Refusal {
  return "error" in answer;
}
