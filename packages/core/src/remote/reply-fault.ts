import { isPrediktError, RemoteError } from "../errors/index.ts";
import { protocolError } from "../http/send.ts";
import { decodeText } from "../serving/wire/index.ts";
import type { Refusal } from "./transport.ts";

/** A refusal for a reply that came whole and cannot be understood. It would be no better the next time. */
export function replyFault(thrown: unknown): Refusal {
  if (!isPrediktError(thrown)) throw thrown;
  // The codecs are shared with servers, for whom it is the input that is wrong.
  const error =
    thrown.name === "InputError" ? new RemoteError("REMOTE_PROTOCOL", `the server's reply: ${thrown.message}`, { cause: thrown }) : thrown;
  return { error, again: false, faulty: false, retryAfterMs: 0 };
}

/** An object of a reply's JSON. @throws RemoteError REMOTE_PROTOCOL */
export function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw protocolError(`an object for ${what}`, value === null ? "null" : Array.isArray(value) ? "a list" : typeof value);
}

/** A reply's JSON, which is an object. @throws RemoteError REMOTE_PROTOCOL, InputError for what is no text */
export function jsonObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(body));
  } catch (cause) {
    throw protocolError("JSON", "something else", cause);
  }
  return objectOf(value, "the whole");
}
