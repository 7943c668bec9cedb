import { z } from "zod";

// No package ships the schemas of KServe's resources. These are the fields that the manifests use, as KServe's API reference describes them; the containers
// are the Kubernetes API's own and checked with its schema.

const metadata = z.strictObject({ name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/) });
const format = z.strictObject({ name: z.string(), version: z.string() });
const protocol = z.enum(["v1", "v2", "grpc-v2"]);

/** `ServingRuntime` of `serving.kserve.io/v1alpha1`. */
export const servingRuntime = z.strictObject({
  apiVersion: z.literal("serving.kserve.io/v1alpha1"),
  kind: z.literal("ServingRuntime"),
  metadata,
  spec: z.strictObject({
    protocolVersions: z.array(protocol).min(1),
    supportedModelFormats: z.array(format.extend({ autoSelect: z.boolean(), priority: z.int().min(1) })).min(1),
    containers: z.array(z.looseObject({ name: z.string() })).min(1),
  }),
});

/** `InferenceService` of `serving.kserve.io/v1beta1`. */
export const inferenceService = z.strictObject({
  apiVersion: z.literal("serving.kserve.io/v1beta1"),
  kind: z.literal("InferenceService"),
  metadata,
  spec: z.strictObject({
    predictor: z.strictObject({
      minReplicas: z.int().min(0),
      maxReplicas: z.int().min(1),
      model: z.strictObject({ runtime: z.string(), modelFormat: format, protocolVersion: protocol, storageUri: z.string() }),
    }),
  }),
});
