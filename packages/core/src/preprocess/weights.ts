/** How pixels between pixels are found. */
export type Resample = "nearest" | "bilinear" | "bicubic" | "lanczos";

/** What each of a row of outputs takes from a row of inputs. */
export interface Weights {
  /** The first input of each output, and how many follow. */
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** Room for each output in `values`. */
  readonly taps: number;
  /** Weights in fixed point; those of an output add up to 1. */
  readonly values: Int32Array;
  /** Bits of their fraction. */
  readonly bits: number;
}

interface Kernel {
  /** Inputs on each side that count, at scale 1. */
  readonly support: number;
  weigh(distance: number): number;
}

const triangle: Kernel = { support: 1, weigh: (x) => Math.max(0, 1 - Math.abs(x)) };
/** Cubic convolution with its parameter a (R. G. Keys, 1981, equation 15). */
const cubic = (a: number): Kernel => ({
  support: 2,
  weigh(distance) {
    const x = Math.abs(distance);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  },
});
const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
const lanczos: Kernel = { support: 3, weigh: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) };

const smooth = { bilinear: triangle, bicubic: cubic(-0.5), lanczos };
const plain = { bilinear: triangle, bicubic: cubic(-0.75), lanczos };

/**
 * The weights that turn inputs `from` … `to` (fractions of pixels allowed) of `length` into `size` outputs.
 *
 * Antialiased: as Pillow 9 to 12 makes them (src/libImaging/Resample.c): the kernel is stretched while it shrinks, and cut off at the edge. Not
 * antialiased: as OpenCV's resize and PyTorch's interpolate without `antialias`: the edge's pixel is repeated.
 */
export function weightsOf(length: number, from: number, to: number, size: number, resample: Resample, antialias: boolean): Weights {
  // Pillow's PRECISION_BITS; or what leaves room in 32 bits for sums that are rounded only once, as OpenCV's are.
  const bits = antialias ? 22 : 15;
  const { support, weigh } = (antialias ? smooth : plain)[resample as "bilinear"];
  const scale = (to - from) / size;
  const stretch = antialias ? Math.max(scale, 1) : 1;
  const reach = support * stretch;
  const taps = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(size);
  const count = new Int32Array(size);
  const values = new Int32Array(size * taps);
  const exact = new Float64Array(taps);
  for (let i = 0; i < size; i++) {
    const centre = from + (i + 0.5) * scale;
    const begin = Math.floor(centre - reach + 0.5);
    const end = Math.floor(centre + reach + 0.5);
    const low = Math.min(Math.max(begin, 0), length - 1);
    exact.fill(0);
    let sum = 0;
    for (let at = begin; at < end; at++) {
      const inside = Math.min(Math.max(at, 0), length - 1);
      if (antialias && inside !== at) continue;
      const weight = weigh((at - centre + 0.5) / stretch);
      exact[inside - low] = (exact[inside - low] as number) + weight;
      sum += weight;
    }
    first[i] = low;
    count[i] = Math.max(1, Math.min(end, length) - low);
    for (let k = 0; k < taps; k++) values[i * taps + k] = Math.round(((exact[k] as number) / sum) * 2 ** bits);
  }
  return { first, count, taps, values, bits };
}
