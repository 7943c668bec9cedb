import type { Tensor, TensorSpec } from "@predikt/core";
import { type ImageTensorOptions, imageTensor } from "@predikt/core/preprocess";
import { readImage } from "@predikt/node/image";
import { UsageError } from "../lib/failure.ts";
import type { Terminal } from "../lib/terminal.ts";

/** How an image becomes an input, beside what the signature tells. */
export interface ImageOptions {
  readonly resize?: string;
  readonly fit?: "stretch" | "cover" | "contain";
  readonly normalize?: string;
  readonly mean?: string;
  readonly std?: string;
  readonly layout?: "NCHW" | "NHWC";
  readonly colors?: "rgb" | "bgr" | "gray";
}

/** Reads an image as a model's input, and says what was made of it. @throws UsageError; InputError */
export async function imageInput(path: string, spec: TensorSpec, options: ImageOptions, { say }: Terminal): Promise<Tensor> {
  const how = imagePlan(spec, options);
  const image = await readImage(path);
  const tensor = imageTensor(image, how);
  const { colors = "rgb", layout = "NCHW", fit = "stretch", dtype = "float32", scale = 1 / 255, mean = 0, std = 1 } = how;
  const levels = dtype === "uint8" ? "levels as they are" : `(level × ${scale === 1 ? 1 : "1/255"} − ${text(mean)}) / ${text(std)}`;
  say(`${spec.name}: ${image.width} × ${image.height} → [${tensor.dims.join(", ")}] ${dtype}, ${colors}, ${layout}, ${fit}; ${levels}`);
  return tensor as Tensor;
}

/** Options for `imageTensor`: what was asked for, else what the signature tells. @throws UsageError */
export function imagePlan(spec: TensorSpec, options: ImageOptions): ImageTensorOptions {
  const { dtype } = spec;
  if (dtype !== "float32" && dtype !== "float16" && dtype !== "uint8")
    throw new UsageError(`input "${spec.name}" is ${dtype}, which no image becomes`);
  const layout = options.layout ?? layoutOf(spec);
  const [channels, height, width] = layout === "NHWC" ? [3, 1, 2].map((axis) => spec.shape[axis]) : spec.shape.slice(1);
  const size = options.resize === undefined ? { width: fixed(width), height: fixed(height) } : sizeOf(options.resize);
  const colors = options.colors ?? (channels === 1 ? "gray" : "rgb");
  const common = { ...size, fit: options.fit, layout, colors, dtype } as const;
  if (dtype === "uint8") return common;
  const { mean, std, scale } = levelsOf(options, colors === "gray");
  return { ...common, mean, std, scale };
}

/** Channels are few, and before the height or after the width. */
function layoutOf({ shape }: TensorSpec): "NCHW" | "NHWC" {
  const few = (dim: unknown): boolean => dim === 1 || dim === 3;
  return shape.length === 4 && few(shape[3]) && !few(shape[1]) ? "NHWC" : "NCHW";
}

function fixed(dim: unknown): number | undefined {
  return typeof dim === "number" && dim > 0 ? dim : undefined;
}

function sizeOf(text: string): { width: number; height: number } {
  const match = /^(\d+)(?:[x×](\d+))?$/i.exec(text);
  if (match === null) throw new UsageError(`--resize: expected a size such as 224x224 or 224, got "${text}"`);
  return { width: Number(match[1]), height: Number(match[2] ?? match[1]) };
}

interface Levels {
  readonly mean: number | number[] | undefined;
  readonly std: number | number[] | undefined;
  readonly scale: number | undefined;
}

/** Of PyTorch's models: https://docs.pytorch.org/vision/stable/models.html */
const imagenet: Levels = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: undefined };

function levelsOf({ normalize = "unit", mean, std, colors }: ImageOptions, gray: boolean): Levels {
  if (normalize === "imagenet" && gray) throw new UsageError("--normalize imagenet is for three channels; this input has one");
  const named: Record<string, Levels> = {
    unit: { mean: undefined, std: undefined, scale: undefined },
    signed: { mean: 0.5, std: 0.5, scale: undefined },
    none: { mean: undefined, std: undefined, scale: 1 },
    imagenet: colors === "bgr" ? { ...imagenet, mean: reversed(imagenet.mean), std: reversed(imagenet.std) } : imagenet,
  };
  const base = named[normalize] as Levels;
  return { ...base, mean: numbers("--mean", mean) ?? base.mean, std: numbers("--std", std) ?? base.std };
}

function reversed(list: Levels["mean"]): Levels["mean"] {
  return Array.isArray(list) ? [...list].reverse() : list;
}

function numbers(option: string, text: string | undefined): number | number[] | undefined {
  if (text === undefined) return undefined;
  const list = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!list.every(Number.isFinite)) throw new UsageError(`${option}: expected numbers such as 0.5 or 0.485,0.456,0.406, got "${text}"`);
  return list.length === 1 ? list[0] : list;
}

function text(value: number | readonly number[]): string {
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}
