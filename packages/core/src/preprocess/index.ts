export type { ImageLike, PixelImage, Placement } from "../types/index.ts";
export type { Color } from "./color.ts";
export { type CropOptions, centerCrop, crop, type PadOptions, pad } from "./crop.ts";
export { type ImageDType, type ImageTensorOptions, imageTensor } from "./image-tensor.ts";
export { type Letterboxed, type LetterboxOptions, letterbox } from "./letterbox.ts";
export { type FitOptions, placement } from "./place.ts";
export { type ResampleOptions, type ResizeOptions, resize } from "./resize.ts";
export type { Resample } from "./weights.ts";
