import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { CallOptions, Metadata, ServiceError } from "@grpc/grpc-js";
import { ConfigError } from "@predikt/core";
import type { Answer, HeaderSource, InferCall, TransportCall } from "@predikt/core/remote";
import { replyFault } from "@predikt/core/remote";
import { headerNames } from "@predikt/core/serving";
import type { Grpc } from "../load-grpc.ts";
import { fromMessage, toMessage } from "../messages.ts";
import type { Connection, GrpcLink } from "./link.ts";
import { toRefusal } from "./refusal.ts";

const same = (bytes: Buffer): Buffer => bytes;

/**
 * Makes one unary call. The time left goes with it as its deadline, and an abort cancels it on the wire.
 *
 * @throws The reason of an aborted signal; ConfigError CONFIG_INVALID for headers that are none
 */
export async function unary<Input extends DescMessage, Output extends DescMessage>(
  { grpc, client }: Connection,
  link: GrpcLink,
  method: DescMethodUnary<Input, Output>,
  request: MessageInitShape<Input>,
  call: TransportCall & Partial<InferCall>,
): Promise<Answer<MessageShape<Output>>> {
  const { signal, timeoutMs } = call;
  const metadata = await metadataOf(grpc, link.headers, call);
  if (signal?.aborted) throw signal.reason;
  const bytes = toMessage(method.input, request);
  const options: CallOptions = timeoutMs === undefined ? {} : { deadline: Date.now() + Math.max(1, timeoutMs) };
  const path = `/${method.parent.typeName}/${method.name}`;
  let begun = false;
  const { error, reply } = await new Promise<{ error: ServiceError | null; reply: Buffer | undefined }>((resolve) => {
    const cancel = (): void => wire.cancel();
    const wire = client.makeUnaryRequest(path, same, same, bytes, metadata, options, (error, reply) => {
      signal?.removeEventListener("abort", cancel);
      resolve({ error, reply });
    });
    wire.once("metadata", () => {
      begun = true;
    });
    signal?.addEventListener("abort", cancel);
  });
  if (error !== null) {
    if (signal?.aborted) throw signal.reason;
    const carriesInput = call.signature !== undefined;
    return toRefusal({ failure: error, endpoint: link.url, method: method.name, carriesInput, begun });
  }
  try {
    return { value: fromMessage(method.output, reply as Buffer) };
  } catch (thrown) {
    return replyFault(thrown);
  }
}

async function metadataOf(grpc: Grpc, source: HeaderSource, { requestId, caller }: Partial<InferCall>): Promise<Metadata> {
  const metadata = new grpc.Metadata();
  // Text that no metadata can carry stays in the message.
  if (requestId !== undefined && /^[\x21-\x7e]{1,128}$/.test(requestId)) metadata.set(headerNames.requestId, requestId);
  const headers = typeof source === "function" ? await source({ caller }) : source;
  for (const [name, value] of Object.entries(headers)) {
    try {
      metadata.set(name, value);
    } catch {
      throw new ConfigError(`headers.${name}`, "a name and a text that metadata can carry", "others");
    }
  }
  return metadata;
}
