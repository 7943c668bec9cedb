import { useMemo, useSyncExternalStore } from "react";

/** Something whose state changes. */
interface Observed<State> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getState: () => State;
}

/**
 * The state of something that changes, rendered anew after each change, and what can be done with it. The same object while both are the same.
 *
 * @param onServer What is rendered on a server, and by a browser until it has taken over.
 */
export function useObserved<State, Actions extends object = object>(
  { subscribe, getState }: Observed<State>,
  onServer: NoInfer<State>,
  actions?: Actions,
): State & Actions {
  const state = useSyncExternalStore(subscribe, getState, () => onServer);
  return useMemo(() => ({ ...state, ...(actions as Actions) }), [state, actions]);
}
