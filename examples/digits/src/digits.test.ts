import { createPredictor } from "@predikt/node";
import { afterEach, expect, it } from "vitest";
import { endAll, startScript } from "../../test-support/program.ts";
import { accuracyOn } from "./accuracy.ts";
import { digits } from "./definition.ts";
import { heldOutImages, picture } from "./images.ts";

afterEach(endAll);

it("reads 1,952 of the 2,000 images that training has not seen", async () => {
  const program = startScript("digits", "start");
  expect(await program.ended).toBe(0);
  expect(program.stderr()).toBe("");
  expect(program.stdout()).toContain("This is a 7, with a confidence of 100.0 %. Its writer meant a 7.");
  expect(program.stdout()).toContain("Held-out accuracy: 97.6 % of 2000 images that training has not seen");
  expect(program.stdout()).toContain("  8: 93.8 %");
});

it("takes each held-out image once", () => {
  const images = heldOutImages();
  expect(new Set(images.map(({ pixels }) => pixels.join())).size).toBe(2000);
  expect(images.every(({ pixels }) => pixels.length === 784 && pixels.every((ink) => ink >= 0 && ink <= 1))).toBe(true);
});

it("counts what is right by digit, and hides no failure", async () => {
  const images = [3, 3, 4, 0, 1, 2, 5, 6, 7, 8, 9].map((digit) => ({ digit, pixels: new Float32Array(784) }));
  const answer = (digit: number) => ({ status: "fulfilled" as const, value: { digit } });
  const reader = { predictMany: async () => images.map(({ digit }, i) => answer(i === 0 ? 8 : digit)) };
  const { total, perDigit } = await accuracyOn(images, reader);
  expect(total).toBeCloseTo(10 / 11);
  expect(perDigit).toEqual([1, 1, 1, 0.5, 1, 1, 1, 1, 1, 1]);
  const failing = { predictMany: async () => [{ status: "rejected" as const, reason: new Error("no") }] };
  await expect(accuracyOn(images, failing)).rejects.toThrow("no");
});

it("refuses what is no image, and says why", async () => {
  const predictor = await createPredictor(digits, { source: new URL("../digits.onnx", import.meta.url) });
  await expect(predictor.predict({ pixels: [1, 2, 3] })).rejects.toMatchObject({ code: "INPUT_SHAPE", issues: [{ path: "pixels" }] });
  await expect(predictor.predict({ pixels: new Array(784).fill(255) })).rejects.toMatchObject({ code: "INPUT_VALUE" });
  await predictor.close();
});

it("draws an image two characters a pixel", () => {
  const pixels = new Float32Array(784);
  pixels[28] = 1;
  pixels[30] = 0.1;
  expect(picture(pixels)).toBe("██  ░░");
});
