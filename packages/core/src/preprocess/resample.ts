import type { Box } from "../types/index.ts";
import type { Pixels } from "./check-image.ts";
import { type Resample, type Weights, weightsOf } from "./weights.ts";

/** How an image is scaled. */
export interface Sampling {
  readonly resample: Resample;
  readonly antialias: boolean;
}

/**
 * Scales the part of an image inside `box` (fractions of pixels allowed): across first, then down. Antialiased it is rounded to bytes after each,
 * as in Pillow; else only at the end, as in OpenCV.
 *
 * @param channels 3 leaves an alpha channel out.
 */
export function resampleBox(
  image: Pixels,
  box: Box,
  width: number,
  height: number,
  sampling: Sampling,
  channels: Pixels["channels"] = image.channels,
): Pixels {
  const [left, top, right, bottom] = box;
  const { resample, antialias } = sampling;
  if (resample === "nearest") return nearest(image, box, width, height, channels);
  const across = weightsOf(image.width, left, right, width, resample, antialias);
  const down = weightsOf(image.height, top, bottom, height, resample, antialias);
  const from = down.first[0] as number;
  const rows = (down.first[height - 1] as number) + (down.count[height - 1] as number) - from;
  const kept = antialias ? 0 : 6;
  const between = scaleRows(image, from, rows, across, width, channels, kept);
  return { data: scaleColumns(between, width * channels, from, down, height, kept), width, height, channels };
}

/** Scales rows `from` … `from + rows` across, to levels with `kept` bits of fraction; without any they are bytes. */
function scaleRows(
  image: Pixels,
  from: number,
  rows: number,
  weights: Weights,
  width: number,
  channels: number,
  kept: number,
): Uint8Array | Int16Array {
  const { data, channels: stride } = image;
  const { first, count, taps, values, bits } = weights;
  const shift = bits - kept;
  const half = 1 << (shift - 1);
  // Writing clamps; reading goes through the plain view.
  const out = kept === 0 ? new Uint8ClampedArray(width * rows * channels) : new Int16Array(width * rows * channels);
  const colors = channels === 3;
  for (let y = 0; y < rows; y++) {
    const row = (from + y) * image.width * stride;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels;
      const begin = row + (first[x] as number) * stride;
      const end = x * taps + (count[x] as number);
      if (colors) {
        let r = half;
        let g = half;
        let b = half;
        for (let k = x * taps, p = begin; k < end; k++, p += stride) {
          const weight = values[k] as number;
          r = (r + Math.imul(data[p] as number, weight)) | 0;
          g = (g + Math.imul(data[p + 1] as number, weight)) | 0;
          b = (b + Math.imul(data[p + 2] as number, weight)) | 0;
        }
        out[at] = r >> shift;
        out[at + 1] = g >> shift;
        out[at + 2] = b >> shift;
        continue;
      }
      for (let c = 0; c < channels; c++) {
        let sum = half;
        for (let k = x * taps, p = begin + c; k < end; k++, p += stride) {
          sum = (sum + Math.imul(data[p] as number, values[k] as number)) | 0;
        }
        out[at + c] = sum >> shift;
      }
    }
  }
  return out instanceof Int16Array ? out : new Uint8Array(out.buffer);
}

/** Scales columns down, of rows that begin with the image's row `from`. */
function scaleColumns(
  data: Uint8Array | Int16Array,
  rowLength: number,
  from: number,
  weights: Weights,
  height: number,
  kept: number,
): Uint8Array {
  const { first, count, taps, values, bits } = weights;
  const shift = bits + kept;
  const half = 1 << (shift - 1);
  const out = new Uint8ClampedArray(rowLength * height);
  for (let y = 0; y < height; y++) {
    const begin = ((first[y] as number) - from) * rowLength;
    const end = y * taps + (count[y] as number);
    const at = y * rowLength;
    for (let x = 0; x < rowLength; x++) {
      let sum = half;
      for (let k = y * taps, p = begin + x; k < end; k++, p += rowLength) {
        sum = (sum + Math.imul(data[p] as number, values[k] as number)) | 0;
      }
      out[at + x] = sum >> shift;
    }
  }
  return new Uint8Array(out.buffer);
}

function nearest(image: Pixels, [left, top, right, bottom]: Box, width: number, height: number, channels: Pixels["channels"]): Pixels {
  const { data, channels: stride } = image;
  const columns = nearestOf(image.width, left, right, width);
  const rows = nearestOf(image.height, top, bottom, height);
  const out = new Uint8Array(width * height * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = (rows[y] as number) * image.width;
    for (let x = 0; x < width; x++) {
      const p = (row + (columns[x] as number)) * stride;
      for (let c = 0; c < channels; c++) out[at++] = data[p + c] as number;
    }
  }
  return { data: out, width, height, channels };
}

/** The input in which each output's centre lies; added up as Pillow does (ImagingScaleAffine in Geometry.c), whose rounding decides ties. */
function nearestOf(length: number, from: number, to: number, size: number): Int32Array {
  const step = (to - from) / size;
  const out = new Int32Array(size);
  let at = from + step * 0.5;
  for (let i = 0; i < size; i++, at += step) out[i] = Math.min(Math.floor(at), length - 1);
  return out;
}
