import { ModelError } from "@predikt/core";
import { HealthCheckRequestSchema, HealthCheckResponseSchema } from "./generated/health_pb.ts";
import type { Health } from "./health.ts";
import { type Method, method } from "./method.ts";

/** grpc.health.v1's Check. */
export function healthMethod(health: Health): Method {
  return method({
    name: "Check",
    kind: "grpc-health",
    operation: "health",
    input: HealthCheckRequestSchema,
    output: HealthCheckResponseSchema,
    answer: ({ service }) => {
      const status = health.status(service);
      if (status === undefined) throw new ModelError("MODEL_NOT_FOUND", "there is no such service here");
      return { status };
    },
  });
}
