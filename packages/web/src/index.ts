export type { Platform } from "./platform.ts";
export { type DeviceSupport, supportedDevices, type WebDevice } from "./supported-devices.ts";
