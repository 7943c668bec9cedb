import type { LocalSpec } from "@predikt/react";
import detectorUrl from "ocr-models/ch_PP-OCRv4_det_infer.onnx?url";
import recogniserUrl from "ocr-models/ch_PP-OCRv4_rec_infer.onnx?url";
import { detector } from "./detector.ts";
import { recogniser } from "./recogniser.ts";

const detectorFile = {
  definition: detector,
  source: detectorUrl,
  sha256: "30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff",
  size: 4_745_517,
} satisfies LocalSpec;

const recogniserFile = {
  definition: recogniser,
  source: recogniserUrl,
  sha256: "06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0",
  size: 10_822_323,
} satisfies LocalSpec;

/** Where text may be read: on the device only. */
export const textPlaces = ["best", "webgpu", "wasm"] as const;

/** One of {@link textPlaces}. */
export type TextPlace = (typeof textPlaces)[number];

/** The two models in each place. */
export const textModels = {
  best: { detector: { ...detectorFile, device: "auto" }, recogniser: { ...recogniserFile, device: "auto" } },
  webgpu: { detector: { ...detectorFile, device: "webgpu" }, recogniser: { ...recogniserFile, device: "webgpu" } },
  wasm: { detector: { ...detectorFile, device: "wasm" }, recogniser: { ...recogniserFile, device: "wasm" } },
} as const;
