import { ConfigError } from "@predikt/core";
import { createContext, type ReactElement, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { DeviceCapability, ModelStore } from "./model-store.ts";
import { AsyncObserver } from "./observer/async-observer.ts";
import { createModelPool, type ModelHandle, type ModelPool, type ModelPoolOptions } from "./pool/model-pool.ts";
import type { ModelRef, ModelSpecs } from "./pool/model-spec.ts";
import { stableKey } from "./pool/stable-key.ts";

interface SharedProps {
  /** For `useModelStore`: where models are kept between visits, e.g. `modelStore()` of `@predikt/web`, made once outside of components. */
  readonly modelStore?: ModelStore | undefined;
  /** For `useDeviceCapabilities`: e.g. `supportedDevices` of `@predikt/web`. */
  readonly supportedDevices?: (() => Promise<readonly DeviceCapability[]>) | undefined;
  readonly children?: ReactNode;
}

/** Props of a provider that has models of its own, closed when it goes. */
export interface OwnModelsProps extends SharedProps, ModelPoolOptions {
  /**
   * The models that components below may use, by name or definition. Each is loaded when first needed, and is another one when its spec changes: by content,
   * functions left out, so that an object made anew on each render is the same.
   */
  readonly models: ModelSpecs;
  readonly pool?: undefined;
}

/** Props of a provider over a pool that the app made, and closes. */
export interface GivenPoolProps extends SharedProps {
  /** From `createModelPool`. */
  readonly pool: ModelPool;
  readonly create?: undefined;
  readonly models?: undefined;
  readonly gcTimeMs?: undefined;
  readonly clock?: undefined;
}

/** Props of {@link PredictorProvider}. */
export type PredictorProviderProps = OwnModelsProps | GivenPoolProps;

interface Scope {
  readonly pool: ModelPool;
  readonly models: ModelSpecs | undefined;
  readonly modelStore: ModelStore | undefined;
  readonly devices: AsyncObserver<{ readonly devices: readonly DeviceCapability[] }> | undefined;
}

const ScopeContext = createContext<Scope | undefined>(undefined);

/**
 * Gives the components below it their models. The app hands in the runtime as `create`; `@predikt/react` imports none. Each model is loaded once however many
 * components use it, and closed when the provider goes, or `gcTimeMs` after its last user has. A Suspense boundary belongs below the provider, not above.
 */
export function PredictorProvider(props: PredictorProviderProps): ReactElement {
  const { pool: given, create, models, gcTimeMs, modelStore, supportedDevices, children } = props;
  const [own] = useState(() => createModelPool(props as OwnModelsProps));
  const pool = given ?? own;
  const key = stableKey(models);
  // biome-ignore lint/correctness/useExhaustiveDependencies: models that have the same key are the same models.
  const steady = useMemo(() => models, [key]);
  useEffect(() => {
    if (given === undefined) pool.options = { ...pool.options, create: create as ModelPoolOptions["create"], models: steady, gcTimeMs };
  }, [pool, given, create, steady, gcTimeMs]);
  useEffect(() => (given === undefined ? pool.hold() : undefined), [pool, given]);
  const devices = useMemo(
    () => supportedDevices && new AsyncObserver(async () => ({ devices: await supportedDevices() })),
    [supportedDevices],
  );
  const scope = useMemo(() => ({ pool, models: steady, modelStore, devices }), [pool, steady, modelStore, devices]);
  return <ScopeContext.Provider value={scope}>{children}</ScopeContext.Provider>;
}

/** What the nearest provider gives. @throws ConfigError CONFIG_INVALID outside of any. */
export function useScope(): Scope {
  return required("PredictorProvider", useContext(ScopeContext));
}

/** The value of a prop that a hook needs. @throws ConfigError CONFIG_INVALID where it is missing. */
export function required<T>(prop: string, value: T | undefined): T {
  if (value === undefined) throw new ConfigError(prop, "one above the component", "none");
  return value;
}

/** The models of the nearest provider, for `preloadModel` and `predictionQueryOptions`. @throws ConfigError CONFIG_INVALID outside of any provider. */
export function useModelPool(): ModelPool {
  return useScope().pool;
}

/** The model that a reference means: the same object as long as it is the same model. */
export function useModelHandle<Input, Output>(ref: ModelRef<Input, Output> | string): ModelHandle<Input, Output> {
  const { pool, models } = useScope();
  const resolved = pool.resolve(ref as ModelRef<never, never>, models);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has the same key is the same model.
  return useMemo(() => pool.handle<Input, Output>(resolved), [pool, resolved.key]);
}
