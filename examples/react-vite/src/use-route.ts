import { useEffect, useSyncExternalStore } from "react";

/** The pages, by what stands behind the # of their address. */
export const routes = { "": "Digits", text: "Text" } as const;

/** One of {@link routes}. */
export type Route = keyof typeof routes;

/** Which page is open. The window's title follows. */
export function useRoute(): Route {
  const route = useSyncExternalStore(subscribe, current);
  useEffect(() => {
    document.title = `${routes[route]} · Predikt`;
  }, [route]);
  return route;
}

function current(): Route {
  const name = location.hash.replace(/^#\/?/, "");
  return name in routes ? (name as Route) : "";
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}
