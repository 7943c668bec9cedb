import type { HttpLink } from "../../http/link.ts";
import { jsonType } from "../../serving/wire/index.ts";
import type { Tensors } from "../../types/index.ts";
import { ask } from "../http-ask.ts";
import type { ModelChoice } from "../model-choice.ts";
import { jsonObject, objectOf, replyFault } from "../reply-fault.ts";
import { type Answer, type InferCall, isRefusal, type RemoteModel, type Transport, type TransportCall } from "../transport.ts";
import { readModel } from "./read-metadata.ts";
import { predictBody, predictOutputs } from "./tensors.ts";

/** TensorFlow Serving's REST API v1. */
export class TfServingTransport implements Transport {
  readonly #link: HttpLink;
  readonly #choice: ModelChoice;
  readonly #signatureName: string | undefined;
  readonly #path: string;

  constructor(link: HttpLink, choice: ModelChoice, signatureName: string | undefined) {
    this.#link = link;
    this.#choice = choice;
    this.#signatureName = signatureName;
    const { name, version, label } = choice;
    const which = version !== undefined ? `/versions/${encodeURIComponent(version)}` : "";
    this.#path = `/v1/models/${encodeURIComponent(name)}${label === undefined ? which : `/labels/${encodeURIComponent(label)}`}`;
  }

  async describe(call: TransportCall): Promise<Answer<RemoteModel>> {
    const reply = await this.#get(`${this.#path}/metadata`, call);
    if (isRefusal(reply)) return reply;
    try {
      return { value: readModel(jsonObject(reply.value.body), this.#choice, this.#signatureName ?? "serving_default") };
    } catch (thrown) {
      return replyFault(thrown);
    }
  }

  async infer(feeds: Tensors, call: InferCall): Promise<Answer<Tensors>> {
    const body = predictBody(feeds, this.#signatureName);
    const headers = { "content-type": jsonType };
    const reply = await ask(this.#link, { method: "POST", path: `${this.#path}:predict`, headers, body }, call);
    if (isRefusal(reply)) return reply;
    try {
      return { value: predictOutputs(reply.value.body, call.signature) };
    } catch (thrown) {
      return replyFault(thrown);
    }
  }

  /** TensorFlow Serving tells each version's state, KServe whether the model is ready. */
  async ready(call: TransportCall): Promise<Answer<boolean>> {
    const reply = await this.#get(this.#path, call);
    if (isRefusal(reply)) return reply;
    try {
      const { model_version_status: versions, ready } = jsonObject(reply.value.body);
      if (!Array.isArray(versions)) return { value: ready !== false && ready !== "False" };
      return { value: versions.some((each) => objectOf(each, "a version")["state"] === "AVAILABLE") };
    } catch (thrown) {
      return replyFault(thrown);
    }
  }

  #get(path: string, call: TransportCall): ReturnType<typeof ask> {
    return ask(this.#link, { method: "GET", path, headers: { accept: jsonType } }, call);
  }
}
