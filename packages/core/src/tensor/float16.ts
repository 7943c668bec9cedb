// Conversions between numbers and IEEE 754 binary16 bits (IEEE 754-2019, section 3.6), rounding to nearest, ties to even.

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The binary16 bits nearest to a number; beyond ±65504 (after rounding) it is an infinity. */
export function toFloat16Bits(value: number): number {
  float[0] = value;
  const x = bits[0] as number;
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  // 0x47800000 is 65536 and 0x7f800000 infinity, as binary32 bits.
  if (magnitude >= 0x47800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  // Below 2^-14 the half is a multiple of 2^-24: added to 0.5, whose last binary32 bit weighs as much, the sum is rounded by the hardware.
  if (magnitude < 0x38800000) {
    float[0] = Math.abs(float[0]) + 0.5;
    return sign | ((bits[0] as number) - 0x3f000000);
  }
  // The exponent's bias falls from 127 to 15, and 13 bits are rounded off; a carry out of the mantissa rightly moves into the exponent.
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** The number that binary16 bits stand for, exactly. */
export function fromFloat16Bits(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
