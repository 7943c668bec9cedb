import { ConfigError } from "@predikt/core";
import { checkTimeout, type HandlerOptions, type MetricsSource } from "@predikt/core/serving";

/** Limits on what a call may bring. */
export interface GrpcLimits {
  /**
   * Bytes of one message, in either direction. At least 1. Default: 64 MiB, and not gRPC's own 4 MiB. A server that is the application's own has its
   * `grpc.max_receive_message_length` instead.
   */
  readonly messageBytes?: number | undefined;
  /** Longest time in milliseconds that a prediction may take, whatever the client's deadline. Default: none. */
  readonly timeoutMs?: number | undefined;
}

/** Options of the gRPC services. */
export interface GrpcServiceOptions
  extends Pick<HandlerOptions, "models" | "access" | "open" | "control" | "onError" | "onReply" | "logger" | "tracing"> {
  /** The server's name in its metadata. Default: `"Predikt"`. */
  readonly title?: string | undefined;
  readonly limits?: GrpcLimits | undefined;
  /**
   * Measures the models and the calls, as routes `grpc-…` with the status that the error table has. Reading them takes HTTP: the same one may be given to a
   * handler, or be rendered by the application. Default: nothing is measured.
   */
  readonly metrics?: MetricsSource | undefined;
}

/** Limits with their defaults filled in. @throws ConfigError CONFIG_INVALID */
export function resolveGrpcLimits({ messageBytes = 64 * 2 ** 20, timeoutMs }: GrpcLimits = {}): GrpcLimits & { messageBytes: number } {
  if (!(Number.isSafeInteger(messageBytes) && messageBytes >= 1 && messageBytes < 2 ** 31))
    throw new ConfigError("limits.messageBytes", "a whole number from 1 to 2147483647", String(messageBytes));
  if (timeoutMs !== undefined) checkTimeout("limits.timeoutMs", timeoutMs);
  return { messageBytes, timeoutMs };
}
