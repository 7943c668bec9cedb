export type { AssetOptions } from "./backend/assets.ts";
export { createPredictor, type WebPredictorOptions } from "./backend/create-predictor.ts";
export type { DownloadOptions, ExternalFile, WebOptions, WorkerOptions } from "./backend/options.ts";
export { webBackend } from "./backend/web-backend.ts";
export type { Platform } from "./device/platform.ts";
export { type DeviceSupport, supportedDevices, type WebDevice } from "./device/supported-devices.ts";
export { type ModelStore, modelStore, type StoredModel } from "./model-store/model-store.ts";
