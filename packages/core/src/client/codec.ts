import { InputError, isPrediktError, RemoteError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import { protocolError } from "../http/send.ts";
import { validateOutput } from "../model/validate.ts";
import { headers, readTensor, tensorBytes, toJson } from "../serving/wire/index.ts";
import { checkFeeds, isDType, isTensorLike, toTensor } from "../tensor/index.ts";
import type { Definition, DType, RawInputs, Signature, Tensors } from "../types/index.ts";
import type { RawBody, Reply } from "./work.ts";

/** JSON text of an input. @throws InputError INPUT_VALUE for what JSON cannot carry */
export function encodeInput(input: unknown): string {
  try {
    return toJson(input);
  } catch (cause) {
    if (isPrediktError(cause)) throw cause;
    throw new InputError("INPUT_VALUE", "input: expected what JSON can carry, got a cycle or a value with a failing toJSON", { cause });
  }
}

/** An output as its schema makes it. @throws RemoteError REMOTE_PROTOCOL where the schema refuses it */
export async function decodeOutput(json: unknown, definition: Definition<never, unknown>): Promise<unknown> {
  try {
    return await validateOutput(definition.output, json);
  } catch (cause) {
    if (!isPrediktError(cause)) throw cause;
    throw new RemoteError("REMOTE_PROTOCOL", `the server's reply does not fit the definition: ${cause.message}`, {
      cause,
      details: { issues: cause.issues },
    });
  }
}

/** Tensors again, where a reply holds them; anything else as it came (a definition's output, asked for without the definition). */
export function decodeTensors(json: unknown): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const entries = Object.entries(json);
  if (!entries.every(([, value]) => isTensorLike(value) && isDType(value.type) && Array.isArray(value.data) && Array.isArray(value.dims)))
    return json;
  try {
    return Object.fromEntries(entries.map(([name, value]) => [name, toTensor(value.type as DType, value.data, value.dims, name)]));
  } catch (cause) {
    throw protocolError("tensors", "elements that do not fit their dtype or dims", cause);
  }
}

/** The raw body of a single tensor. @throws InputError where the signature does not take it, is not of one input, or is of strings */
export function encodeRaw(tensors: RawInputs, signature: Signature): RawBody {
  const feeds = Object.values(checkFeeds(tensors, signature, true));
  const [feed] = feeds;
  if (feed === undefined || feeds.length > 1) {
    throw new InputError("UNSUPPORTED_MEDIA_TYPE", `over HTTP, encoded inputs are one single tensor; this model takes ${feeds.length}`);
  }
  const bytes = tensorBytes(feed);
  if (bytes === undefined) throw mismatch("INPUT_DTYPE", signature.inputs[0]?.name ?? "", "numbers", "strings, which have no raw form");
  // A copy: the caller may reuse its buffer while the request waits for a retry.
  return { bytes: bytes.slice(), headers: { [headers.shape]: feed.dims.join(","), [headers.dtype]: feed.type } };
}

/** The single output of a raw reply. */
export function decodeRaw(reply: Reply, signature: Signature): Tensors {
  const dtype = reply.headers.get(headers.dtype);
  const shape = reply.headers.get(headers.shape);
  const name = signature.outputs[0]?.name ?? "output";
  if (!isDType(dtype) || shape === null || reply.bytes === undefined)
    throw protocolError(`the headers ${headers.dtype} and ${headers.shape}`, "a reply without them");
  const dims = shape === "" ? [] : shape.split(",").map(Number);
  try {
    return { [name]: readTensor(reply.bytes, { name, dtype, shape: dims }, dims).tensor };
  } catch (cause) {
    throw protocolError(`${dtype} [${dims.join(", ")}]`, `${reply.bytes.byteLength} bytes`, cause);
  }
}
