export type { Box, Placement, Point } from "../types/index.ts";
export { iou, mapBoxes, mapPoints } from "./boxes.ts";
export { type CtcOptions, type CtcText, ctcGreedyDecode } from "./ctc.ts";
export { type Detection, nonMaxSuppression, type SuppressionOptions } from "./non-max-suppression.ts";
export type { Scores } from "./scores.ts";
export { sigmoid } from "./sigmoid.ts";
export { argmax, type Ranked, softmax, topK } from "./softmax.ts";
export { type TextBox, type TextBoxOptions, textBoxes } from "./text-boxes.ts";
