import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Operation } from "@predikt/core/serving";
import type { ServerCall } from "./server-call.ts";

/** One call on its way to its answer. */
export interface MethodCall {
  readonly call: ServerCall;
  readonly requestId: string;
}

/** A unary method: what it takes and gives, and who answers. */
export interface Method<Input extends DescMessage = DescMessage, Output extends DescMessage = DescMessage> {
  /** As the service names it, e.g. `ModelInfer`. */
  readonly name: string;
  /** Names it in events, e.g. `grpc-infer`. */
  readonly kind: string;
  readonly operation: Operation;
  readonly input: Input;
  readonly output: Output;
  /** The model that a request means, where it means one. */
  readonly model?: ((request: MessageShape<Input>) => string | undefined) | undefined;
  /** How many rows a request brings; 1 for one that brings none. */
  readonly rows?: ((request: MessageShape<Input>) => number) | undefined;
  readonly answer: (request: MessageShape<Input>, call: MethodCall) => MessageInitShape<Output> | Promise<MessageInitShape<Output>>;
}

/** A method among others, each with messages of its own. */
export function method<Input extends DescMessage, Output extends DescMessage>(definition: Method<Input, Output>): Method {
  return definition as unknown as Method;
}
