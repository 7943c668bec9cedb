import type { Tensor } from "@predikt/core";
import { type HttpClient, jsonOf, type Reply, type Sent } from "../lib/http-client.ts";
import { inferMessage, type Message } from "../lib/oip-message.ts";
import { Mismatch, Skip } from "./check.ts";

/** A tensor's description in metadata. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** What the server says of the model, as far as it is what it must be. */
export interface ModelFacts {
  readonly versions: readonly string[];
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
  /** Of the server. */
  readonly extensions: readonly string[];
}

/** An output of an answer. */
export interface Output {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: readonly unknown[];
}

/** The server and model that are checked. */
export class Subject {
  readonly base: string;
  readonly model: string;
  readonly version: string | undefined;
  readonly facts: ModelFacts;
  /** A valid input. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Others like it; undefined where none can be made. */
  readonly others: (() => Readonly<Record<string, Tensor>>) | undefined;
  readonly #client: HttpClient;
  readonly #timeoutMs: number;
  #reference: Promise<readonly Output[]> | undefined;

  constructor(init: Pick<Subject, "base" | "model" | "version" | "facts" | "tensors" | "others">, client: HttpClient, timeoutMs: number) {
    ({ base: this.base, model: this.model, version: this.version, facts: this.facts, tensors: this.tensors, others: this.others } = init);
    this.#client = client;
    this.#timeoutMs = timeoutMs;
  }

  /** Path of the model, and of what lies below it. */
  path(below = ""): string {
    const version = this.version === undefined ? "" : `/versions/${encodeURIComponent(this.version)}`;
    return `/v2/models/${encodeURIComponent(this.model)}${version}${below}`;
  }

  /** @throws Mismatch where no reply comes */
  async send(path: string, sent: Sent = {}): Promise<Reply> {
    try {
      return await this.#client.send(this.base + path, { timeoutMs: this.#timeoutMs, ...sent });
    } catch (error) {
      throw new Mismatch("a reply", (error as Error).message);
    }
  }

  post(path: string, { body, headers }: Message): Promise<Reply> {
    return this.send(path, { method: "POST", body, headers });
  }

  infer(message: Message): Promise<Reply> {
    return this.post(this.path("/infer"), message);
  }

  /** The body of a valid request in JSON, with what else is wanted. */
  request(more: object = {}): { readonly inputs: readonly Record<string, unknown>[] } {
    const { inputs } = JSON.parse(inferMessage(this.tensors, false).body.toString()) as { inputs: Record<string, unknown>[] };
    return { inputs, ...more };
  }

  /** The answer to the valid input, asked for once, in plain JSON. */
  reference(): Promise<readonly Output[]> {
    this.#reference ??= this.infer(inferMessage(this.tensors, false)).then((reply) => outputsOf(reply));
    return this.#reference;
  }

  /** @throws Skip where the server does not have the extension */
  needBinary(): void {
    if (!this.facts.extensions.includes("binary_tensor_data")) throw new Skip("the server does not list binary_tensor_data");
  }
}

/** A reply's JSON object. @throws Mismatch */
export function objectOf(reply: Reply, status = 200): Record<string, unknown> {
  if (reply.status !== status) throw new Mismatch(`status ${status}`, `${reply.status}${excerpt(reply)}`);
  const json = jsonOf(reply);
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new Mismatch("a JSON object", `something else${excerpt(reply)}`);
  return json as Record<string, unknown>;
}

/** The outputs of an answer in JSON, each with as many elements as its shape has. @throws Mismatch */
export function outputsOf(reply: Reply): Output[] {
  const { outputs } = objectOf(reply);
  if (!Array.isArray(outputs)) throw new Mismatch("outputs, an array", kindOf(outputs));
  return outputs.map((output: Record<string, unknown>, i) => {
    const { name, datatype, shape, data } = output ?? {};
    if (typeof name !== "string" || typeof datatype !== "string")
      throw new Mismatch(`outputs[${i}] with name and datatype`, kindOf(output));
    if (!isShape(shape)) throw new Mismatch(`outputs[${i}].shape of whole numbers ≥ 0`, JSON.stringify(shape) ?? "none");
    if (!Array.isArray(data)) throw new Mismatch(`outputs[${i}].data, an array`, kindOf(data));
    const flat = data.flat(Number.POSITIVE_INFINITY) as unknown[];
    const count = shape.reduce((product, dim) => product * dim, 1);
    if (flat.length !== count) throw new Mismatch(`${count} elements for outputs[${i}] of [${shape.join(", ")}]`, `${flat.length}`);
    return { name, datatype, shape, data: flat };
  });
}

/** Whether a value is a shape without free axes. */
export function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
}

/** The first of a body, for a report. */
export function excerpt({ body }: Reply): string {
  const text = body
    .subarray(0, 160)
    .toString("utf8")
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim();
  return text === "" ? "" : `: ${text}`;
}

/** What kind of value it is. */
export function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}
