import type { HttpLink } from "../../http/link.ts";
import { binaryType, jsonType } from "../../serving/wire/index.ts";
import { headerLengthName, type NonFiniteJson } from "../../serving/wire/oip/index.ts";
import type { Tensors } from "../../types/index.ts";
import { ask } from "../http-ask.ts";
import type { ModelChoice } from "../model-choice.ts";
import { jsonObject, replyFault } from "../reply-fault.ts";
import { type Answer, type InferCall, isRefusal, type RemoteModel, type Transport, type TransportCall } from "../transport.ts";
import { inferBody, inferOutputs, type OipDialect } from "./infer-body.ts";
import { readModel, readServer, type ServerFacts } from "./read-metadata.ts";

/** The Open Inference Protocol v2 over REST. */
export class OipTransport implements Transport {
  readonly #link: HttpLink;
  readonly #choice: ModelChoice;
  readonly #binary: boolean | "auto";
  readonly #path: string;
  #server: ServerFacts | undefined;

  constructor(link: HttpLink, choice: ModelChoice, binary: boolean | "auto") {
    this.#link = link;
    this.#choice = choice;
    this.#binary = binary;
    const version = choice.version === undefined ? "" : `/versions/${encodeURIComponent(choice.version)}`;
    this.#path = `/v2/models/${encodeURIComponent(choice.name)}${version}`;
  }

  async describe(call: TransportCall): Promise<Answer<RemoteModel>> {
    const [model, server] = await Promise.all([this.#get(this.#path, call), this.#learn(call)]);
    if (isRefusal(model)) return model;
    try {
      return { value: readModel(jsonObject(model.value.body), this.#choice, server) };
    } catch (thrown) {
      return replyFault(thrown);
    }
  }

  async infer(feeds: Tensors, call: InferCall): Promise<Answer<Tensors>> {
    const { body, headerLength } = inferBody(feeds, call, await this.#dialect(call));
    const headers: Record<string, string> =
      headerLength === undefined ? { "content-type": jsonType } : { "content-type": binaryType, [headerLengthName]: String(headerLength) };
    const reply = await ask(this.#link, { method: "POST", path: `${this.#path}/infer`, headers, body }, call);
    if (isRefusal(reply)) return reply;
    try {
      return { value: inferOutputs(reply.value.body, reply.value.headers.get(headerLengthName), call.signature) };
    } catch (thrown) {
      return replyFault(thrown);
    }
  }

  /** By the status: Triton's and MLServer's bodies are empty. */
  async ready(call: TransportCall): Promise<Answer<boolean>> {
    const reply = await this.#get(`${this.#path}/ready`, call);
    if (isRefusal(reply)) return reply;
    try {
      return { value: jsonObject(reply.value.body)["ready"] !== false };
    } catch {
      return { value: true };
    }
  }

  forget(): void {
    this.#server = undefined;
  }

  #get(path: string, call: TransportCall): ReturnType<typeof ask> {
    return ask(this.#link, { method: "GET", path, headers: { accept: jsonType } }, call);
  }

  /** What the server says of itself; undefined where it cannot now, which is not remembered. */
  async #learn(call: TransportCall): Promise<ServerFacts | undefined> {
    if (this.#server !== undefined) return this.#server;
    const reply = await this.#get("/v2", call);
    if (isRefusal(reply) && (reply.again || reply.faulty)) return undefined;
    try {
      this.#server = readServer(isRefusal(reply) ? {} : jsonObject(reply.value.body));
    } catch {
      this.#server = readServer({});
    }
    return this.#server;
  }

  async #dialect(call: TransportCall): Promise<OipDialect> {
    const server = await this.#learn(call);
    const binary = this.#binary === "auto" ? server?.binary === true : this.#binary;
    return { binary, nonFinite: nonFiniteOf(server?.name) };
  }
}

/** Triton reads and writes the bare words; MLServer and KServe's Python servers make NaN of null. */
function nonFiniteOf(server: string | undefined): NonFiniteJson {
  const name = server?.toLowerCase();
  if (name === "triton") return "token";
  return name === "predikt" ? "string" : "null";
}
