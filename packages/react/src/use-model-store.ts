import { useMemo } from "react";
import type { ModelStoreUsage, StoredModel } from "./model-store.ts";
import { AsyncObserver, type AsyncStatus, idleAsync } from "./observer/async-observer.ts";
import { required, useScope } from "./provider.tsx";
import { useObserved } from "./use-observed.ts";

/** What {@link useModelStore} gives. The functions are the same on every render; each asks anew afterwards. */
export interface UseModelStore extends AsyncStatus {
  /** What is kept; undefined until it is known. */
  readonly models?: readonly StoredModel[] | undefined;
  readonly usage?: ModelStoreUsage | undefined;
  /** Removes one model, by its `key`. It is downloaded again when it is next loaded; one that is loaded stays so. */
  readonly remove: (key: string) => Promise<unknown>;
  /** Removes all. */
  readonly clear: () => Promise<unknown>;
  /** Asks the browser to keep the models for good. Resolves to whether it agreed. */
  readonly persist: () => Promise<boolean>;
  /** Asks what is kept; nothing tells it when a model was stored meanwhile. */
  readonly refresh: () => Promise<void>;
}

/**
 * What is kept on this device between visits, from the provider's `modelStore`. On a server, and until hydration is over, it is `idle`.
 *
 * @throws ConfigError CONFIG_INVALID outside of a provider, or where it has no `modelStore`.
 */
export function useModelStore(): UseModelStore {
  const store = required("modelStore", useScope().modelStore);
  const [observer, actions] = useMemo(() => {
    const observer = new AsyncObserver(async () => {
      const [models, usage] = await Promise.all([store.list(), store.usage()]);
      return { models, usage };
    });
    const { refresh } = observer.actions;
    const after = <T>(work: Promise<T>): Promise<T> => work.finally(refresh);
    const actions: Pick<UseModelStore, "refresh" | "remove" | "clear" | "persist"> = {
      refresh,
      remove: (key) => after(store.remove(key)),
      clear: () => after(store.clear()),
      persist: () => after(store.persist()),
    };
    return [observer, actions] as const;
  }, [store]);
  return useObserved(observer, idleAsync, actions);
}
