import type { ModelSelector } from "../types/index.ts";

/** Where a path of the typed protocol leads. */
export interface TypedRoute extends ModelSelector {
  readonly kind: "predict" | "batch" | "models" | "model" | "example" | "live" | "ready" | "openapi" | "docs";
  /** The model named by the path; undefined means the default one. */
  readonly model?: string | undefined;
}

/** The typed route that the segments of a path name. */
export function findTyped(segments: readonly string[]): TypedRoute | undefined {
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

function findPredict(model: string, rest: readonly string[]): TypedRoute | undefined {
  const batch = rest.at(-1) === "batch" && rest.length !== 2;
  const kind = batch ? "batch" : "predict";
  const [by, value, ...more] = batch ? rest.slice(0, -1) : rest;
  if (by === undefined) return { kind, model };
  if (value === undefined || value === "" || more.length > 0) return undefined;
  if (by === "versions") return { kind, model, version: value };
  return by === "labels" ? { kind, model, label: value } : undefined;
}
