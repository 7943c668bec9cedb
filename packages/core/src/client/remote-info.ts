import { RemoteError } from "../errors/index.ts";
import { parseReply, protocolError } from "../http/send.ts";
import { isDType } from "../tensor/index.ts";
import type { PredictorInfo, Signature, TensorSpec } from "../types/index.ts";
import { exchange, isRefusal } from "./exchange.ts";
import type { Link } from "./options.ts";

/** What a server tells of a model. */
export type RemoteFacts = Pick<PredictorInfo, "name" | "version" | "digest" | "signature" | "metadata" | "modelBytes" | "details">;

/** Asks the server what it serves under a name, or by default. @throws RemoteError, ModelError */
export async function fetchFacts(link: Link, name: string | undefined): Promise<RemoteFacts> {
  const json = await get(link, `/models/${encodeURIComponent(name ?? (await defaultName(link)))}`);
  const { version, digest, signature, metadata, modelBytes, device, execution, backend, batching } = json;
  if (typeof json["name"] !== "string" || typeof version !== "string" || !isSignature(signature))
    throw protocolError("a model's name, version and signature", "something else");
  return {
    name: json["name"],
    version,
    digest: typeof digest === "string" ? digest : undefined,
    signature,
    metadata: (metadata ?? {}) as Record<string, string>,
    modelBytes: typeof modelBytes === "number" ? modelBytes : undefined,
    details: { url: link.url, device, execution, backend, batching },
  };
}

async function defaultName(link: Link): Promise<string> {
  const { models } = await get(link, "/models");
  const found = Array.isArray(models)
    ? (models as { name?: unknown; default?: unknown }[]).find((model) => model.default === true)
    : undefined;
  if (typeof found?.name === "string") return found.name;
  throw new RemoteError("REMOTE_PROTOCOL", `${link.url} has no default model; name one`);
}

async function get(link: Link, path: string): Promise<Record<string, unknown>> {
  const reply = await exchange(link, { method: "GET", path, headers: { accept: "application/json" } }, undefined);
  if (isRefusal(reply)) throw reply.error;
  const json = parseReply(reply);
  if (typeof json !== "object" || json === null) throw protocolError("an object", json === null ? "null" : typeof json);
  return json as Record<string, unknown>;
}

function isSignature(value: unknown): value is Signature {
  const { inputs, outputs } = (value ?? {}) as Partial<Signature>;
  return Array.isArray(inputs) && Array.isArray(outputs) && [...inputs, ...outputs].every(isSpec);
}

function isSpec(value: unknown): value is TensorSpec {
  const { name, dtype, shape } = (value ?? {}) as Partial<TensorSpec>;
  return (
    typeof name === "string" &&
    isDType(dtype) &&
    Array.isArray(shape) &&
    shape.every((dim) => typeof dim === "string" || Number.isSafeInteger(dim))
  );
}
