import type { Pixels } from "./check-image.ts";

// Alpha arithmetic on bytes as Pillow does it (MULDIV255 in ImagingUtils.h, rgba2rgbA and rgbA2rgba in Convert.c).

/** a · b / 255, rounded. */
function times(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

/** RGBA with its colours multiplied by alpha, as they must be for mixing: the colour of what is transparent does not show. */
export function premultiply({ data, width, height, channels }: Pixels): Pixels {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3] as number;
    out[i] = times(data[i] as number, alpha);
    out[i + 1] = times(data[i + 1] as number, alpha);
    out[i + 2] = times(data[i + 2] as number, alpha);
    out[i + 3] = alpha;
  }
  return { data: out, width, height, channels };
}

/** Undoes {@link premultiply}, in place. */
export function unpremultiply(image: Pixels): Pixels {
  const { data } = image;
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3] as number;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = i; c < i + 3; c++) data[c] = Math.min(255, Math.floor((255 * (data[c] as number)) / alpha));
  }
  return image;
}

/** RGBA laid over a colour, as RGB. */
export function flatten({ data, width, height }: Pixels, [red, green, blue]: readonly [number, number, number]): Pixels {
  const out = new Uint8Array(width * height * 3);
  for (let i = 0, at = 0; i < data.length; i += 4, at += 3) {
    const alpha = data[i + 3] as number;
    const rest = 255 - alpha;
    out[at] = times(data[i] as number, alpha) + times(red, rest);
    out[at + 1] = times(data[i + 1] as number, alpha) + times(green, rest);
    out[at + 2] = times(data[i + 2] as number, alpha) + times(blue, rest);
  }
  return { data: out, width, height, channels: 3 };
}
