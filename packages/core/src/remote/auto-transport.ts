import type { Tensors } from "../types/index.ts";
import { type Answer, type InferCall, isRefusal, type RemoteModel, type Transport, type TransportCall } from "./transport.ts";

/** Finds out which protocol the server of an endpoint speaks: the first one that can tell of the model. */
export class AutoTransport implements Transport {
  readonly #candidates: readonly [Transport, ...Transport[]];
  #found: Transport | undefined;

  constructor(...candidates: readonly [Transport, ...Transport[]]) {
    this.#candidates = candidates;
  }

  async describe(call: TransportCall): Promise<Answer<RemoteModel>> {
    let best: Answer<RemoteModel> | undefined;
    for (const candidate of this.#candidates) {
      const answer = await candidate.describe(call);
      if (!isRefusal(answer)) {
        this.#found = candidate;
        return answer;
      }
      // Only what a server of another protocol would say as well leads on.
      if (answer.error.code !== "MODEL_NOT_FOUND" && !answer.error.code.startsWith("REMOTE_")) return answer;
      if (answer.faulty) return answer;
      if (best === undefined || answer.error.code === "MODEL_NOT_FOUND") best = answer;
    }
    return best as Answer<RemoteModel>;
  }

  async infer(feeds: Tensors, call: InferCall): Promise<Answer<Tensors>> {
    const transport = await this.#find(call);
    return "error" in transport ? transport : transport.infer(feeds, call);
  }

  async ready(call: TransportCall): Promise<Answer<boolean>> {
    const transport = await this.#find(call);
    return "error" in transport ? transport : transport.ready(call);
  }

  /** Another server may stand there next. */
  forget(): void {
    this.#found?.forget?.();
    this.#found = undefined;
  }

  /** An endpoint that the model was not asked about yet: another one has told of it. */
  async #find(call: TransportCall): Promise<Transport | Exclude<Answer<never>, { readonly value: never }>> {
    if (this.#found === undefined) {
      const answer = await this.describe(call);
      if (isRefusal(answer)) return answer;
    }
    return this.#found as unknown as Transport;
  }
}
