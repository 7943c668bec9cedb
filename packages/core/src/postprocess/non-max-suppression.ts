import { mismatch } from "../errors/mismatch.ts";
import { mustBeNumber, mustBeOneOf, mustBeWhole, mustKnow } from "../tensor/index.ts";
import type { Box } from "../types/index.ts";
import { iou } from "./boxes.ts";
import { exactly, type Scores, toNumbers } from "./scores.ts";

/** Options of {@link nonMaxSuppression}. */
export interface SuppressionOptions {
  /** What the four numbers of a box are: two corners, or the centre and the size. Default: `"xyxy"`. */
  readonly format?: "xyxy" | "cxcywh" | undefined;
  /** Boxes that overlap a better one by more than this go, 0 to 1. Default: 0.5. */
  readonly iouThreshold?: number | undefined;
  /** Boxes must score more than this. Default: none. */
  readonly scoreThreshold?: number | undefined;
  /** The class of each box. With it, boxes of different classes do not suppress each other. Default: all are of one. */
  readonly classes?: Scores | undefined;
  /** How many boxes are kept at most, at least 1. Default: all. */
  readonly maxBoxes?: number | undefined;
}

/** A box that was kept. */
export interface Detection {
  /** Which of the boxes it was. */
  readonly index: number;
  readonly score: number;
  /** By its corners, whatever the format was. */
  readonly box: Box;
  /** Its class, where `classes` were given. */
  readonly classIndex?: number | undefined;
}

/**
 * Keeps the best of boxes that mean the same thing, best first; equal scores in their order. Greedy, as ONNX's NonMaxSuppression-11 and
 * torchvision's `nms` and `batched_nms` are. Boxes with a NaN in them or in their score are left out.
 *
 * @param boxes Four numbers for each box, `[n, 4]`.
 * @param scores One for each box, `[n]`.
 * @throws InputError INPUT_SHAPE, INPUT_DTYPE; ConfigError CONFIG_INVALID
 */
export function nonMaxSuppression(boxes: Scores, scores: Scores, options: SuppressionOptions = {}): Detection[] {
  mustKnow(options, ["format", "iouThreshold", "scoreThreshold", "classes", "maxBoxes"]);
  const { format = "xyxy", iouThreshold = 0.5, scoreThreshold, maxBoxes } = options;
  mustBeOneOf(["xyxy", "cxcywh"], "format", format);
  mustBeNumber("iouThreshold", iouThreshold, 0, 1);
  if (scoreThreshold !== undefined) mustBeNumber("scoreThreshold", scoreThreshold);
  if (maxBoxes !== undefined) mustBeWhole("maxBoxes", maxBoxes, 1);
  const coordinates = toNumbers(boxes, "boxes");
  if (coordinates.length % 4 !== 0) throw mismatch("INPUT_SHAPE", "boxes", "four numbers for each box", `${coordinates.length} in all`);
  const count = coordinates.length / 4;
  const given = exactly(scores, count, "scores", "for as many boxes");
  const classes = options.classes === undefined ? undefined : exactly(options.classes, count, "classes", "for as many boxes");

  const candidates: Detection[] = [];
  for (let index = 0; index < count; index++) {
    const score = given[index] as number;
    if (Number.isNaN(score) || (scoreThreshold !== undefined && score <= scoreThreshold)) continue;
    const box = boxAt(coordinates, index * 4, format);
    if (!box.some(Number.isNaN)) candidates.push({ index, score, box, ...(classes && { classIndex: classes[index] as number }) });
  }
  candidates.sort((a, b) => b.score - a.score || a.index - b.index);
  const kept: Detection[] = [];
  for (const candidate of candidates) {
    if (kept.length === maxBoxes) break;
    if (!kept.some((better) => better.classIndex === candidate.classIndex && iou(better.box, candidate.box) > iouThreshold)) {
      kept.push(candidate);
    }
  }
  return kept;
}

function boxAt(numbers: ArrayLike<number>, at: number, format: "xyxy" | "cxcywh"): Box {
  const [a, b, c, d] = [numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]] as [number, number, number, number];
  return format === "xyxy" ? [a, b, c, d] : [a - c / 2, b - d / 2, a + c / 2, b + d / 2];
}
