import { LifecycleError } from "@predikt/core";

/** The `digest` of the error by which `useSuspensePrediction` leaves its work to the browser. */
export const clientOnlyDigest = "PREDIKT_CLIENT_ONLY";

/** What is thrown on a server: React then sends the boundary's fallback, and the browser renders what is in it. */
export function clientOnlyError(): LifecycleError {
  const message = `${clientOnlyDigest}: predicted in the browser`;
  return Object.assign(new LifecycleError("NOT_READY", message), { digest: clientOnlyDigest });
}

/**
 * Whether an error only says that a prediction was left to the browser: for `onError` of React's server renderers, which should return `error.digest`, and for
 * `onRecoverableError` of `hydrateRoot`, where React reports the same in its own words.
 */
export function isClientOnlyError(error: unknown): boolean {
  const { digest, message } = (error ?? {}) as { readonly digest?: unknown; readonly message?: unknown };
  return `${digest} ${message}`.includes(clientOnlyDigest);
}
