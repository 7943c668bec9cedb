import { useSyncExternalStore } from "react";

/** Something whose state changes. */
interface Observed<State> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getState: () => State;
}

/**
 * The state of something that changes, rendered anew after each change.
 *
 * @param onServer What is rendered on a server, and by a browser until it has taken over.
 */
export function useObserved<State>({ subscribe, getState }: Observed<State>, onServer: State): State {
  return useSyncExternalStore(subscribe, getState, () => onServer);
}
