import { callModel } from "./call-model.ts";
import { type InputKey, keyOf } from "./input-key.ts";
import type { ModelPool } from "./model-pool.ts";
import type { ModelRef } from "./model-spec.ts";
import { stableKey } from "./stable-key.ts";

/** Options of `predictionQueryOptions`. */
export interface PredictionQueryInit<Input> {
  /** Stands for the input in the query's key. Default: the input's content where it is plain data; bytes and typed arrays count by reference. */
  readonly inputKey?: InputKey<Input> | undefined;
  /** Milliseconds until an answer counts as old. Default: `Infinity`, since a model answers the same input alike. */
  readonly staleTime?: number | undefined;
}

/** What TanStack Query's `useQuery` and `queryClient.fetchQuery` take. */
export interface PredictionQueryOptions<Output> {
  readonly queryKey: readonly ["predikt", model: string, input: string];
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Output>;
  readonly staleTime: number;
}

/**
 * A prediction as a query of TanStack Query. The query's signal aborts it, and the model has a user while it runs.
 *
 * @throws From `queryFn`: as `predictor.predict`, and what loading the model throws.
 */
export function predictionQueryOptions<Input, Output>(
  pool: ModelPool,
  model: ModelRef<Input, Output> | string,
  input: Input,
  { inputKey, staleTime = Number.POSITIVE_INFINITY }: PredictionQueryInit<Input> = {},
): PredictionQueryOptions<Output> {
  const handle = pool.handle<Input, Output>(pool.resolve(model as ModelRef<never, never>));
  return {
    queryKey: ["predikt", handle.key, stableKey(keyOf(input, inputKey))],
    queryFn: async ({ signal }) => (await callModel(handle, input, { signal })).output,
    staleTime,
  };
}
