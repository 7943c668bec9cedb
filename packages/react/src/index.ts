export { clientOnlyDigest, isClientOnlyError } from "./client-only.ts";
export type { DeviceCapability, ModelStore, ModelStoreUsage, StoredModel } from "./model-store.ts";
export type { PredictionMode } from "./observer/prediction-observer.ts";
export type { PredictionState } from "./observer/prediction-state.ts";
export type { InputKey } from "./pool/input-key.ts";
export { createModelPool, type ModelPool, type ModelPoolOptions, preloadModel } from "./pool/model-pool.ts";
export type {
  AnyDefinition,
  CreateOptions,
  CreatePredictor,
  InputOf,
  LocalSpec,
  ModelRef,
  ModelSpec,
  ModelSpecs,
  OutputOf,
  PreferSpec,
  RemoteSpec,
} from "./pool/model-spec.ts";
export type { ModelChoice, ModelState, ModelStatus } from "./pool/model-state.ts";
export { type PredictionQueryInit, type PredictionQueryOptions, predictionQueryOptions } from "./pool/query-options.ts";
export { type GivenPoolProps, type OwnModelsProps, PredictorProvider, type PredictorProviderProps, useModelPool } from "./provider.tsx";
export { type UseDeviceCapabilities, useDeviceCapabilities } from "./use-device-capabilities.ts";
export { type UseModel, type UseModelOptions, useModel } from "./use-model.ts";
export { type UseModelStore, useModelStore } from "./use-model-store.ts";
export { type UsePrediction, type UsePredictionOptions, usePrediction } from "./use-prediction.ts";
export { type UseSuspensePrediction, type UseSuspensePredictionOptions, useSuspensePrediction } from "./use-suspense-prediction.ts";
