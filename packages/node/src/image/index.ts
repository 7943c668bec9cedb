export { type ReadImageOptions, readImage } from "./read-image.ts";
