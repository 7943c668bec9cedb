import type { ModelSelector } from "./resolver.ts";

/** Where a path leads. */
export interface Route extends ModelSelector {
  readonly kind: "predict" | "batch" | "models" | "model" | "example" | "live" | "ready" | "openapi" | "docs";
  /** The model named by the path; undefined means the default one. */
  readonly model?: string | undefined;
}

/** Finds routes by path. */
export type Router = (url: string) => Route | undefined;

/** Paths repeat: with this many remembered, a known one costs one look-up. Long ones are not: the memory is the client's to fill. */
const remembered = 1024;
const memorable = 256;

/** Makes a router for the paths below a prefix. Queries and one trailing slash do not count. */
export function createRouter(prefix: string): Router {
  const known = new Map<string, Route>();
  return (url) => {
    const hit = known.get(url);
    if (hit !== undefined) return hit;
    const query = url.indexOf("?");
    const target = query < 0 ? url : url.slice(0, query);
    // RFC 9112, section 3.2.2: a proxy may send the whole URL.
    const path = target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/]*/i, "");
    if (!path.startsWith(`${prefix}/`)) return undefined;
    const segments = decode(path.slice(prefix.length + 1).replace(/\/$/, ""));
    const route = segments === undefined ? undefined : find(segments);
    if (route !== undefined && query < 0 && url.length <= memorable && known.size < remembered) known.set(url, route);
    return route;
  };
}

/** The methods that a route has. */
export function methodsOf(route: Route): readonly string[] {
  return route.kind === "predict" || route.kind === "batch" ? ["POST"] : ["GET", "HEAD"];
}

function decode(path: string): string[] | undefined {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function find(segments: readonly string[]): Route | undefined {
  const [first, model, ...rest] = segments;
  if (model === "") return undefined;
  if (first === "predict") return model === undefined ? { kind: "predict" } : findPredict(model, rest);
  if (first === "models") {
    if (model === undefined) return { kind: "models" };
    if (rest.length === 0) return { kind: "model", model };
    return rest.length === 1 && rest[0] === "example" ? { kind: "example", model } : undefined;
  }
  const path = segments.join("/");
  if (path === "health/live") return { kind: "live" };
  if (path === "health/ready") return { kind: "ready" };
  if (path === "openapi.json") return { kind: "openapi" };
  return path === "docs" ? { kind: "docs" } : undefined;
}

function findPredict(model: string, rest: readonly string[]): Route | undefined {
  const batch = rest.at(-1) === "batch" && rest.length !== 2;
  const kind = batch ? "batch" : "predict";
  const [by, value, ...more] = batch ? rest.slice(0, -1) : rest;
  if (by === undefined) return { kind, model };
  if (value === undefined || value === "" || more.length > 0) return undefined;
  if (by === "versions") return { kind, model, version: value };
  return by === "labels" ? { kind, model, label: value } : undefined;
}
