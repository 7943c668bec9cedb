import type { Metadata, ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import type { PrediktError } from "@predikt/core";
import {
  type AccessRequest,
  type AnyPredictor,
  createObserver,
  decided,
  drainingError,
  headerNames,
  InFlight,
  type Leave,
  type ModelResolver,
  type ModelSelector,
  type Observation,
  type Observer,
  type Operation,
  requestIdOf,
  toPrediktError,
} from "@predikt/core/serving";
import { HealthCheckRequestSchema } from "./generated/health_pb.ts";
import type { Health, Watch } from "./health.ts";
import type { Grpc } from "./load-grpc.ts";
import { fromMessage, toMessage } from "./messages.ts";
import type { Method, MethodCall } from "./method.ts";
import type { GrpcServiceOptions } from "./options.ts";
import { type BytesCall, ServerCall } from "./server-call.ts";
import { errorKey, pushbackKey, toFailure } from "./status.ts";

/** One call on its way through. */
interface Visit extends MethodCall {
  readonly kind: string;
  readonly operation: Operation;
  /** What goes back with the status. */
  readonly metadata: Metadata;
  model: string | undefined;
  /** What its access hook has been asked, where there is one. */
  asked: AccessRequest | undefined;
  readonly startedAt: number;
  /** From when its model is known. */
  watched: Observation | undefined;
}

/** What the calls of a server share. */
export class Calls {
  readonly #grpc: Grpc;
  readonly #options: Omit<GrpcServiceOptions, "models">;
  readonly #resolver: ModelResolver;
  readonly #observer: Observer | undefined;
  readonly #inFlight: InFlight = new InFlight();
  #draining = false;

  constructor(grpc: Grpc, resolver: ModelResolver, options: Omit<GrpcServiceOptions, "models">) {
    this.#grpc = grpc;
    this.#resolver = resolver;
    this.#options = options;
    this.#observer = createObserver(options, resolver);
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Refuses new predictions and resolves once those under way are answered. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#inFlight.idle();
    this.#observer?.close();
  }

  /** Has the predictor that a call means do some work, and keeps it open until that ends. @throws ModelError MODEL_NOT_FOUND; LifecycleError DRAINING */
  async withPredictor<T>(name: string, selector: ModelSelector, work: (predictor: AnyPredictor) => Promise<T>): Promise<T> {
    const lease = this.#resolver.lease?.(name, selector);
    try {
      const predictor = lease?.predictor ?? this.#resolver.resolve(name, selector);
      if (this.#draining) throw drainingError();
      return await work(predictor);
    } finally {
      lease?.release();
    }
  }

  /** Answers one unary call. Never throws or rejects: every failure is a status. */
  async answer(method: Method, bytes: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): Promise<void> {
    const visit = this.#visit(method, bytes);
    let failed: PrediktError | undefined;
    this.#inFlight.count++;
    try {
      const request = fromMessage(method.input, bytes.request);
      visit.model = method.model?.(request);
      const watched = this.#watch(visit);
      const work = async (): Promise<Buffer> => {
        const leave = await this.#enter(visit);
        try {
          await decided(() => leave?.weigh?.({ rows: method.rows?.(request) ?? 1, bytes: bytes.request.length }));
          return toMessage(method.output, await method.answer(request, visit));
        } finally {
          if (leave !== undefined) shielded(leave);
        }
      };
      callback(null, await (watched === undefined ? work() : watched.run(work)), visit.metadata);
    } catch (thrown) {
      failed = toPrediktError(thrown);
      if (!visit.call.aborted) callback(this.#failure(failed, visit));
    } finally {
      this.#inFlight.done();
      this.#tell(visit, failed);
    }
  }

  /** Answers a Watch, which lasts until its client leaves or the server closes. */
  async watch(health: Health, stream: Watch): Promise<void> {
    const visit = this.#visit({ kind: "grpc-health-watch", operation: "health" }, stream);
    let failed: PrediktError | undefined;
    try {
      const { service } = fromMessage(HealthCheckRequestSchema, stream.request);
      const leave = await this.#enter(visit);
      if (leave !== undefined) whenOver(stream, leave);
      if (!visit.call.aborted) health.watch(stream, service);
    } catch (thrown) {
      failed = toPrediktError(thrown);
      stream.emit("error", Object.assign(new Error(failed.message), this.#failure(failed, visit)));
    }
    this.#tell(visit, failed);
  }

  #visit({ kind, operation }: Pick<Visit, "kind" | "operation">, bytes: BytesCall): Visit {
    const call = new ServerCall(bytes);
    const requestId = requestIdOf(call);
    const metadata = new this.#grpc.Metadata();
    metadata.set(headerNames.requestId, requestId);
    const unknown = { model: undefined, asked: undefined, watched: undefined };
    return { kind, operation, call, requestId, metadata, startedAt: performance.now(), ...unknown };
  }

  #watch(visit: Visit): Observation | undefined {
    const { call, requestId, startedAt } = visit;
    const asking = { method: "POST", signal: call, header: (name: string) => call.header(name) };
    visit.watched = this.#observer?.begin(asking, { requestId, route: visit, startedAt });
    return visit.watched;
  }

  async #enter(visit: Visit): Promise<Leave | undefined> {
    const { access, open = ["health"] } = this.#options;
    const { operation, call, requestId, model } = visit;
    if (access === undefined || open.includes(operation)) return undefined;
    const address = call.address();
    const asked = { method: "POST", header: (name: string) => call.header(name), requestId, operation, model, address, caller: undefined };
    visit.asked = asked;
    return decided(() => access(asked));
  }

  #failure(error: PrediktError, { requestId, metadata }: Visit): { code: number; details: string; metadata: Metadata } {
    const { code, details, json, retryAfterMs } = toFailure(error);
    metadata.set(errorKey, Buffer.from(json));
    if (retryAfterMs !== undefined) metadata.set(pushbackKey, String(retryAfterMs));
    const { onError } = this.#options;
    if (error.status >= 500) shielded(() => onError?.(error, requestId));
    return { code, details, metadata };
  }

  #tell(visit: Visit, failed: PrediktError | undefined): void {
    const { call, asked } = visit;
    const status = call.left ? 499 : (failed?.status ?? 200);
    const code = call.left ? undefined : failed?.code;
    // What is no message was not begun.
    const watched = visit.watched ?? this.#watch(visit);
    watched?.end({ status, code, caller: asked?.caller?.id });
  }
}

/** Calls back once a stream has ended, which may have been while an access hook took its time. */
function whenOver(stream: Watch, callback: () => void): void {
  if (stream.cancelled) callback();
  else stream.once("cancelled", callback);
}

/** A hook's own failure must not become the client's, nor the process's where the hook is async. */
function shielded(hook: () => unknown): void {
  try {
    const result = hook();
    if (result instanceof Promise) result.catch(() => {});
  } catch {
    // Nobody is left to tell.
  }
}
