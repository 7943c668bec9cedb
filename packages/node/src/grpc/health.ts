import type { ServerWritableStream } from "@grpc/grpc-js";
import type { AnyPredictor, ModelResolver, OipService } from "@predikt/core/serving";
import { HealthCheckResponse_ServingStatus, HealthCheckResponseSchema } from "./generated/health_pb.ts";
import { toMessage } from "./messages.ts";
import { Status } from "./status.ts";

/** A client's watch over one service. */
export type Watch = ServerWritableStream<Buffer, Buffer>;

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;

/** The state of a server, for grpc.health.v1: it serves while every model is ready and nothing is being drained. */
export class Health {
  readonly #service: Pick<OipService, "unreadiness">;
  readonly #names: ReadonlySet<string>;
  /** What each was told last. */
  readonly #watches: Map<Watch, HealthCheckResponse_ServingStatus> = new Map();
  readonly #stops: (() => void)[] = [];
  #ended = false;

  /** @param names Of the services that it speaks for; the server's own, `""`, is among them always. */
  constructor(service: Pick<OipService, "unreadiness">, names: readonly string[], resolver: ModelResolver) {
    this.#service = service;
    this.#names = new Set(["", ...names]);
    this.#follow(resolver);
  }

  /** A service's status; undefined for one that is not here. */
  status(name: string): HealthCheckResponse_ServingStatus | undefined {
    if (!this.#names.has(name)) return undefined;
    return this.#service.unreadiness() === undefined ? SERVING : NOT_SERVING;
  }

  /** Answers a Watch of a service: the status now, and from then on each change. */
  watch(stream: Watch, name: string): void {
    stream.on("cancelled", () => this.#watches.delete(stream));
    this.#send(stream, this.status(name) ?? SERVICE_UNKNOWN);
    if (this.#ended) this.#leave(stream);
  }

  /** Tells those who watch, where something has changed. */
  update(): void {
    const now = this.status("") as HealthCheckResponse_ServingStatus;
    for (const [stream, told] of this.#watches) if (told !== now && told !== SERVICE_UNKNOWN) this.#send(stream, now);
  }

  /** Ends every watch, as UNAVAILABLE, and those that come later. */
  end(): void {
    this.#ended = true;
    for (const stop of this.#stops.splice(0)) stop();
    for (const stream of this.#watches.keys()) this.#leave(stream);
  }

  #send(stream: Watch, status: HealthCheckResponse_ServingStatus): void {
    this.#watches.set(stream, status);
    stream.write(toMessage(HealthCheckResponseSchema, { status }));
  }

  #leave(stream: Watch): void {
    this.#watches.delete(stream);
    stream.emit("error", Object.assign(new Error("the server is closing"), { code: Status.UNAVAILABLE, details: "the server is closing" }));
  }

  /** A model that comes, goes or is closed changes the status. */
  #follow(resolver: ModelResolver): void {
    const listening = new Map<AnyPredictor, () => void>();
    const follow = (): void => {
      const served = new Set(resolver.list().map(({ predictor }) => predictor));
      for (const [predictor, stop] of listening) {
        if (served.has(predictor)) continue;
        stop();
        listening.delete(predictor);
      }
      for (const predictor of served)
        if (!listening.has(predictor))
          listening.set(
            predictor,
            predictor.on("predictor-closed", () => this.update()),
          );
    };
    follow();
    const stop = resolver.onChange?.(() => {
      follow();
      this.update();
    });
    this.#stops.push(() => {
      stop?.();
      for (const each of listening.values()) each();
    });
  }
}
