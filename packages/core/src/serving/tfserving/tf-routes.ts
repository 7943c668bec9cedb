import type { ModelSelector } from "../../types/index.ts";

/** Where a path of TensorFlow Serving's REST API leads. */
export interface TfRoute extends ModelSelector {
  readonly kind: "tf-predict" | "tf-status" | "tf-metadata" | "tf-models";
  readonly model?: string | undefined;
}

/** The route that the segments of a path name: `v1/models/{m}[/versions/{v}|/labels/{l}][/metadata|:predict]`. */
export function findTf([root, first, ...rest]: readonly string[]): TfRoute | undefined {
  if (root !== "v1" || first !== "models") return undefined;
  if (rest.length === 0) return { kind: "tf-models" };
  const last = rest.at(-1) as string;
  if (/:(classify|regress)$/.test(last)) return undefined;
  const predict = last.endsWith(":predict");
  const metadata = !predict && last === "metadata" && rest.length > 1;
  const named = predict ? [...rest.slice(0, -1), last.slice(0, -":predict".length)] : metadata ? rest.slice(0, -1) : rest;
  const [model, by, value, ...more] = named;
  if (named.includes("") || model === undefined || more.length > 0) return undefined;
  const kind = predict ? "tf-predict" : metadata ? "tf-metadata" : "tf-status";
  if (by === undefined) return { kind, model };
  if (value === undefined) return undefined;
  if (by === "versions") return { kind, model, version: value };
  return by === "labels" ? { kind, model, label: value } : undefined;
}
