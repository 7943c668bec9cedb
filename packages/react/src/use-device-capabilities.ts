import type { DeviceCapability } from "./model-store.ts";
import { type AsyncStatus, idleAsync } from "./observer/async-observer.ts";
import { required, useScope } from "./provider.tsx";
import { useObserved } from "./use-observed.ts";

/** What {@link useDeviceCapabilities} gives. */
export interface UseDeviceCapabilities extends AsyncStatus {
  /** Best first; undefined until it is known. */
  readonly devices?: readonly DeviceCapability[] | undefined;
  /** Asks again. */
  readonly refresh: () => Promise<void>;
}

/**
 * What this machine can run models on, from the provider's `supportedDevices`, which is asked once for all. On a server, and until hydration is over, it is
 * `idle`.
 *
 * @throws ConfigError CONFIG_INVALID outside of a provider, or where it has no `supportedDevices`.
 */
export function useDeviceCapabilities(): UseDeviceCapabilities {
  const observer = required("supportedDevices", useScope().devices);
  return useObserved(observer, idleAsync, observer.actions);
}
