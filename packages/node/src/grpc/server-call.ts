import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import { type AbortLike, OverloadError } from "@predikt/core";

/** A call whose messages are bytes: of one reply, or of several. */
export type BytesCall = ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** A call in the handler's terms. It is its own abort signal, and listens for the client's going away only once somebody asks. */
export class ServerCall implements AbortLike {
  readonly #call: BytesCall;
  readonly #deadlineAt: number;
  #reason: unknown;

  constructor(call: BytesCall) {
    this.#call = call;
    this.#deadlineAt = Number(call.getDeadline());
  }

  get signal(): this {
    return this;
  }

  get aborted(): boolean {
    return this.#call.cancelled;
  }

  /** DEADLINE_EXCEEDED where the client's own deadline has passed, which gRPC's library answers by itself; else an AbortError. */
  get reason(): unknown {
    this.#reason ??= this.#late
      ? new OverloadError("DEADLINE_EXCEEDED", "no answer before the client's deadline")
      : new DOMException("the client went away", "AbortError");
    return this.#reason;
  }

  /** Milliseconds until the client's deadline, at least 0; undefined where it has set none. */
  get timeLeftMs(): number | undefined {
    return this.#deadlineAt === Infinity ? undefined : Math.max(0, this.#deadlineAt - Date.now());
  }

  /** Whether the client has gone without waiting for its own deadline. */
  get left(): boolean {
    return this.aborted && !this.#late;
  }

  /** Timers may fire a millisecond before the clock says so. */
  get #late(): boolean {
    return this.#deadlineAt - Date.now() <= 1;
  }

  /** Where the connection comes from, without its port; undefined where it has none. */
  address(): string | undefined {
    return /^(.+):\d+$/.exec(this.#call.getPeer())?.[1];
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#call.on("cancelled", listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#call.off("cancelled", listener);
  }

  /** Metadata by its lower-case key: several values joined by a comma, bytes in base64. */
  header(name: string): string | undefined {
    const values = this.#call.metadata.get(name);
    if (values.length === 0) return undefined;
    return values.map((value) => (typeof value === "string" ? value : value.toString("base64"))).join(", ");
  }
}
