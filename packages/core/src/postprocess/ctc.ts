import { mismatch } from "../errors/mismatch.ts";
import { must, mustBeOneOf, mustBeWhole, mustKnow } from "../tensor/index.ts";
import { exactly, type Scores, toNumbers } from "./scores.ts";
import { argmax, softmax } from "./softmax.ts";

/** Options of {@link ctcGreedyDecode}. */
export interface CtcOptions {
  /** The text of each class, the blank's among them (it is not looked at). */
  readonly classes: readonly string[];
  /** Which class is the blank. Default: 0. */
  readonly blank?: number | undefined;
  /** Time steps. Default: as many as there are scores for. */
  readonly steps?: number | undefined;
  /** Whether the scores are logits, of which a softmax makes probabilities first. Default: false. */
  readonly logits?: boolean | undefined;
}

/** Text as it was read. */
export interface CtcText {
  readonly text: string;
  /** The mean of its characters' probabilities, as PaddleOCR's recogniser gives; 0 where there is no text. */
  readonly confidence: number;
  /** Each character, the probability at the step at which it appears first, and that step; step / steps is where it stands. */
  readonly characters: readonly { readonly text: string; readonly confidence: number; readonly step: number }[];
}

/**
 * Reads text from the scores of one item: the best class of each step, repeats made one, blanks left out (A. Graves et al., Connectionist Temporal
 * Classification, 2006, section 3.2, "best path decoding").
 *
 * @param scores `[steps, classes]`, or a tensor with 1s in front of it.
 * @throws InputError INPUT_SHAPE, INPUT_DTYPE, INPUT_VALUE for a step that is all NaN; ConfigError CONFIG_INVALID
 */
export function ctcGreedyDecode(scores: Scores, options: CtcOptions): CtcText {
  mustKnow(options, ["classes", "blank", "steps", "logits"]);
  const { classes, blank = 0, logits = false } = options;
  must(Array.isArray(classes) && classes.length > 0, "classes", "a list of strings", classes);
  mustBeWhole("blank", blank, 0, classes.length - 1);
  mustBeOneOf([true, false], "logits", logits);
  const numbers = toNumbers(scores);
  const steps = options.steps ?? Math.floor(numbers.length / classes.length);
  mustBeWhole("steps", steps, 0);
  exactly(numbers, steps * classes.length, "scores", `for [${steps}, ${classes.length}]`);
  if ("dims" in scores && scores.dims.at(-1) !== classes.length) {
    throw mismatch("INPUT_SHAPE", "scores", `[${steps}, ${classes.length}]`, `[${scores.dims.join(", ")}]`);
  }

  const row = new Float64Array(classes.length);
  const characters: CtcText["characters"][number][] = [];
  let last = blank;
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < row.length; i++) row[i] = numbers[step * row.length + i] as number;
    const best = argmax(row);
    if (best < 0) throw mismatch("INPUT_VALUE", `scores[${step}]`, "a number among the scores", "NaN only");
    if (best !== blank && best !== last) {
      const confidence = (logits ? softmax(row) : row)[best] as number;
      characters.push({ text: classes[best] as string, confidence, step });
    }
    last = best;
  }
  const sum = characters.reduce((total, { confidence }) => total + confidence, 0);
  return { text: characters.map(({ text }) => text).join(""), confidence: sum / Math.max(1, characters.length), characters };
}
