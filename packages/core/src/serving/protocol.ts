import type { PrediktError } from "../errors/index.ts";
import type { AnyPredictor, ModelResolver, ModelSelector } from "../types/index.ts";
import type { NeutralReply, NeutralRequest } from "./neutral.ts";
import type { ResolvedLimits, ResolvedWire } from "./options.ts";

/** What a request wants done, as access rules and metrics name it. `control` loads and unloads models. */
export type Operation = "predict" | "metadata" | "health" | "control" | "metrics";

/** One request on its way to its answer. */
export interface RouteCall {
  readonly request: NeutralRequest;
  readonly requestId: string;
  /**
   * Where it is there, to be called once the body has been read and before anything runs, with how many items or rows there are. What it rejects with is the reply.
   */
  readonly weigh?: ((rows: number) => Promise<void>) | undefined;
  /** Whether an access hook knows who asks. */
  readonly known?: boolean | undefined;
}

/** Where a path leads. Routes are remembered by path, so that nothing of a request may be kept in one. */
export interface Route extends ModelSelector {
  /** Names the route in events, e.g. `predict` or `oip-infer`. */
  readonly kind: string;
  readonly operation: Operation;
  readonly methods: readonly string[];
  /** The model that the path names, or means. */
  readonly model?: string | undefined;
  readonly answer: (call: RouteCall) => NeutralReply | Promise<NeutralReply>;
}

/** A wire protocol: the routes that it has below the prefix. */
export interface Protocol {
  /** @param segments The path's segments, decoded, without the prefix. */
  find(segments: readonly string[]): Route | undefined;
  /** Lets go of what it listens to, when the handler has drained. */
  close?(): void;
}

/** What a handler gives to its protocols. */
export interface Host {
  readonly resolver: ModelResolver;
  /** What a proxy or a mount takes away before the prefix. */
  readonly base: string;
  readonly prefix: string;
  readonly defaultName: string | undefined;
  readonly title: string;
  readonly limits: ResolvedLimits;
  readonly serverTiming: boolean;
  readonly wire: ResolvedWire;
  /** What is there to watch the server by. */
  readonly shows: { readonly metrics: boolean; readonly status: boolean };
  readonly isDraining: () => boolean;
  /** Tells those who watch of a failure that no reply of its own tells: an item of a batch. */
  readonly report: (error: PrediktError, requestId: string) => void;
  /**
   * Has the predictor that a request means do some work, and keeps it open until that ends.
   *
   * @throws ModelError MODEL_NOT_FOUND; LifecycleError DRAINING once the handler closes
   */
  readonly withPredictor: <T>(name: string, selector: ModelSelector, work: (predictor: AnyPredictor) => Promise<T>) => Promise<T>;
  /** A version as a header can carry it. */
  readonly versionOf: (predictor: AnyPredictor) => string;
}
