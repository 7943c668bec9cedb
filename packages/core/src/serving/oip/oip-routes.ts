import type { ModelSelector } from "../../types/index.ts";

/** Where a path of the Open Inference Protocol leads. */
export interface OipRoute extends ModelSelector {
  readonly kind:
    | "oip-server"
    | "oip-live"
    | "oip-ready"
    | "oip-models"
    | "oip-model"
    | "oip-model-ready"
    | "oip-infer"
    | "oip-statistics"
    | "oip-index"
    | "oip-load"
    | "oip-unload";
  readonly model?: string | undefined;
}

/** The route of the protocol that the segments of a path name. */
export function findOip([root, ...rest]: readonly string[]): OipRoute | undefined {
  if (root !== "v2") return undefined;
  const [first, ...more] = rest;
  if (first === "models") return findModel(more);
  if (first === "repository") return findRepository(more);
  switch (rest.join("/")) {
    case "":
      return rest.length === 0 ? { kind: "oip-server" } : undefined;
    case "health/live":
      return { kind: "oip-live" };
    case "health/ready":
      return { kind: "oip-ready" };
    default:
      return undefined;
  }
}

const actions = new Map<string | undefined, OipRoute["kind"]>([
  [undefined, "oip-model"],
  ["ready", "oip-model-ready"],
  ["infer", "oip-infer"],
  ["stats", "oip-statistics"],
]);

function findModel([model, ...rest]: readonly string[]): OipRoute | undefined {
  if (model === undefined) return { kind: "oip-models" };
  if (model === "") return undefined;
  // As in Triton: a model of that name is reached by its version.
  if (model === "stats" && rest.length === 0) return { kind: "oip-statistics" };
  const version = rest[0] === "versions" ? rest[1] : undefined;
  const [action, ...more] = version === undefined ? rest : rest.slice(2);
  const kind = more.length === 0 && version !== "" ? actions.get(action) : undefined;
  return kind && { kind, model, version };
}

function findRepository([first, model, action, ...more]: readonly string[]): OipRoute | undefined {
  if (first === "index" && model === undefined) return { kind: "oip-index" };
  if (first !== "models" || model === undefined || model === "" || more.length > 0) return undefined;
  if (action === "load") return { kind: "oip-load", model };
  return action === "unload" ? { kind: "oip-unload", model } : undefined;
}
