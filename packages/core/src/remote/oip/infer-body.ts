import { InputError } from "../../errors/index.ts";
import { protocolError } from "../../http/send.ts";
import { decodeText, parseTolerantJson } from "../../serving/wire/index.ts";
import {
  BinaryParts,
  type Frame,
  type NonFiniteJson,
  readHeaderLength,
  readTensors,
  toFrame,
  writeTensors,
} from "../../serving/wire/oip/index.ts";
import { toValues } from "../../tensor/index.ts";
import type { Priority, Signature, Tensor, Tensors } from "../../types/index.ts";
import { objectOf } from "../reply-fault.ts";
import type { InferCall } from "../transport.ts";

/** How a server takes tensors. */
export interface OipDialect {
  readonly binary: boolean;
  /** How its JSON has NaN and the infinities. */
  readonly nonFinite: NonFiniteJson;
}

const levels: Readonly<Record<Priority, number>> = { high: 1, normal: 0, low: 3 };

/**
 * The body of an infer request. It names no outputs, which means all of them: KServe takes `binary_data_output` for none of those that are named.
 *
 * @throws InputError INPUT_VALUE for an infinity where the server's JSON has no word for one
 */
export function inferBody(feeds: Tensors, call: InferCall, { binary, nonFinite }: OipDialect): Frame {
  const entries = Object.entries(feeds).map(([name, tensor]) => ({ name, tensor, binary }));
  if (!binary && nonFinite === "null") for (const { name, tensor } of entries) refuseInfinities(name, tensor);
  const { json, parts } = writeTensors(entries, nonFinite);
  const parameters: Record<string, unknown> = { ...(binary ? { binary_data_output: true } : {}), ...callParameters(call) };
  const id = call.requestId === undefined ? "" : `"id":${JSON.stringify(call.requestId)},`;
  const extra = Object.keys(parameters).length === 0 ? "" : `"parameters":${JSON.stringify(parameters)},`;
  return toFrame(`{${id}${extra}"inputs":${json}}`, parts);
}

/** What of a call stands in a request's parameters: `timeout` in whole microseconds, and a `priority` that is not the usual one. */
export function callParameters({ timeoutMs, priority }: InferCall): Readonly<Record<string, number>> {
  return {
    ...(timeoutMs === undefined ? {} : { timeout: Math.max(1, Math.ceil(timeoutMs * 1000)) }),
    ...(priority === "normal" ? {} : { priority: levels[priority] }),
  };
}

/** The outputs of an infer reply. @throws RemoteError REMOTE_PROTOCOL; InputError, which is the server's fault here */
export function inferOutputs(body: Uint8Array, headerLength: string | null, { outputs }: Signature): Tensors {
  const parts = new BinaryParts([body]);
  const length = headerLength === null ? body.byteLength : readHeaderLength(headerLength, body.byteLength);
  const lossless = outputs.some(({ dtype }) => dtype === "int64" || dtype === "uint64");
  const json = objectOf(parseTolerantJson(decodeText(parts.take(length, "body")), lossless), "the whole");
  if (json["outputs"] === undefined) throw protocolError("outputs", "none");
  const entries = readTensors(json["outputs"], parts, "outputs");
  return Object.fromEntries(entries.map(({ name, tensor }) => [name, tensor]));
}

function refuseInfinities(name: string, { type, data }: Tensor): void {
  if (type !== "float32" && type !== "float64" && type !== "float16") return;
  const at = (toValues(type, data) as readonly number[]).findIndex((value) => Math.abs(value) === Infinity);
  if (at < 0) return;
  const issue = {
    path: `${name}[${at}]`,
    expected: "a finite number or NaN, since this server takes no binary tensors",
    received: "an infinity",
  };
  throw new InputError("INPUT_VALUE", `input "${issue.path}": expected ${issue.expected}, got ${issue.received}`, {
    details: { issues: [issue] },
  });
}
