import type { MessageInitShape } from "@bufbuild/protobuf";
import type { BatchStatistics, ModelStatistics, StatisticDuration } from "@predikt/core/serving";
import type { InferBatchStatisticsSchema, ModelStatisticsSchema, StatisticDurationSchema } from "./generated/inference_pb.ts";

/** A model's statistics as a message. */
export function statisticsMessage(of: ModelStatistics): MessageInitShape<typeof ModelStatisticsSchema> {
  const { success, fail, queue, compute_input, compute_infer, compute_output, cache_hit, cache_miss } = of.inference_stats;
  return {
    name: of.name,
    version: of.version,
    lastInference: BigInt(of.last_inference),
    inferenceCount: BigInt(of.inference_count),
    executionCount: BigInt(of.execution_count),
    inferenceStats: {
      success: duration(success),
      fail: duration(fail),
      queue: duration(queue),
      computeInput: duration(compute_input),
      computeInfer: duration(compute_infer),
      computeOutput: duration(compute_output),
      cacheHit: duration(cache_hit),
      cacheMiss: duration(cache_miss),
    },
    batchStats: of.batch_stats.map(batch),
  };
}

function batch(of: BatchStatistics): MessageInitShape<typeof InferBatchStatisticsSchema> {
  return {
    batchSize: BigInt(of.batch_size),
    computeInput: duration(of.compute_input),
    computeInfer: duration(of.compute_infer),
    computeOutput: duration(of.compute_output),
  };
}

function duration({ count, ns }: StatisticDuration): MessageInitShape<typeof StatisticDurationSchema> {
  return { count: BigInt(count), ns: BigInt(ns) };
}
