export { type BrowserTensorOptions, toImageTensor } from "./to-image-tensor.ts";
export { toPixels } from "./to-pixels.ts";
export type { BrowserImage } from "./view.ts";
