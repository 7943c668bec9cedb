import { expectTypeOf, it } from "vitest";
import type { Predictor, RawInputs, Tensors } from "../types/index.ts";
import { cascade } from "./cascade.ts";
import { ensemble } from "./ensemble.ts";
import { pipeline } from "./pipeline.ts";

type Image = { width: number; data: Uint8Array };
type Boxes = { boxes: number[][]; scores: number[] };
type Text = { text: string; confidence: number };

declare const detect: Predictor<Image, Boxes>;
declare const read: Predictor<{ crops: Image[] }, Text>;
declare const count: Predictor<{ boxes: number[][] }, { n: number }>;
declare const raw: Predictor<RawInputs, Tensors>;

it("a pipeline takes what its first stage takes and gives what its last one gives", () => {
  expectTypeOf(pipeline([detect])).toEqualTypeOf<Predictor<Image, Boxes>>();
  expectTypeOf(pipeline([detect, count])).toEqualTypeOf<Predictor<Image, { n: number }>>();
  expectTypeOf(pipeline([detect, count, ({ n }) => n > 0])).toEqualTypeOf<Predictor<Image, boolean>>();
});

it("functions between stages know what they get, and the whole's input", () => {
  const reading = pipeline([
    detect,
    ({ boxes }, { input }) => {
      expectTypeOf(boxes).toEqualTypeOf<number[][]>();
      expectTypeOf(input).toEqualTypeOf<Image>();
      return { crops: boxes.map(() => input) };
    },
    read,
    async ({ text }) => text.length,
  ]);
  expectTypeOf(reading).toEqualTypeOf<Predictor<Image, number>>();
  const first = pipeline([(words: string) => ({ x: [words.length] }), raw, ({ y }) => Number(y?.data[0])], { example: "two words" });
  expectTypeOf(first).toEqualTypeOf<Predictor<string, number>>();
});

it("refuses stages that do not fit", () => {
  // @ts-expect-error boxes are no crops
  pipeline([detect, read]);
  // @ts-expect-error a text has no boxes
  pipeline([read, count]);
  // @ts-expect-error the function gives no crops
  pipeline([detect, () => ({ images: [] }), read]);
  // @ts-expect-error the example is an image
  pipeline([detect, count], { example: { crops: [] } });
});

it("an ensemble gives what its members give, or what a function makes of it", () => {
  expectTypeOf(ensemble([read, read], { combine: "mean" })).toEqualTypeOf<Predictor<{ crops: Image[] }, Text>>();
  expectTypeOf(ensemble([read, read], { combine: "vote", field: "text" })).toEqualTypeOf<Predictor<{ crops: Image[] }, Text>>();
  const texts = ensemble([read, read], { combine: (outputs, { weights }) => outputs.map(({ text }, i) => [text, weights[i]] as const) });
  expectTypeOf(texts).toEqualTypeOf<Predictor<{ crops: Image[] }, (readonly [string, number | undefined])[]>>();
  // @ts-expect-error there is no such field
  ensemble([read, read], { combine: "vote", field: "word" });
  // @ts-expect-error they take different inputs
  ensemble([read, detect], { combine: "vote" });
  // @ts-expect-error how is not said
  ensemble([read, read], {});
});

it("a cascade reads the confidence off the output", () => {
  expectTypeOf(cascade([read, read], { escalateBelow: 0.8 })).toEqualTypeOf<Predictor<{ crops: Image[] }, Text>>();
  cascade([detect, detect], { escalateBelow: [0.8], confidence: ({ scores }) => Math.max(...scores) });
  // @ts-expect-error there is no such field
  cascade([read, read], { escalateBelow: 0.8, confidence: "score" });
});
