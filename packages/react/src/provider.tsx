import { ConfigError } from "@predikt/core";
import { createContext, type ReactElement, type ReactNode, useContext, useEffect, useState } from "react";
import { type CreatePredictor, type ModelEntries, PredictorStore } from "./predictor-store.ts";

export type { CreatePredictor, ModelEntry } from "./predictor-store.ts";

/** Props of {@link PredictorProvider}. */
export interface PredictorProviderProps extends CreatePredictor {
  /** The models that components below may use, by name. Each is loaded when first needed; a later change to a loaded one has no effect. */
  readonly models: ModelEntries;
  readonly children?: ReactNode;
}

const Store = createContext<PredictorStore | undefined>(undefined);

/**
 * Gives the components below it their predictors. The app hands in the runtime as `create`, which is read once. Each model is loaded once, and
 * closed when the provider goes.
 */
export function PredictorProvider({ create, models, children }: PredictorProviderProps): ReactElement {
  const [store] = useState(() => new PredictorStore(create, models));
  useEffect(() => {
    store.models = models;
  }, [store, models]);
  useEffect(() => store.hold(), [store]);
  return <Store.Provider value={store}>{children}</Store.Provider>;
}

/** The store of the nearest provider. @throws ConfigError CONFIG_INVALID outside of any. */
export function usePredictorStore(): PredictorStore {
  const store = useContext(Store);
  if (store === undefined) throw new ConfigError("PredictorProvider", "one above the component", "none");
  return store;
}
