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
  // The same bits at binary32's place are the value less the two biases' difference, 2^112; the largest exponent stands for no finite number.
  bits[0] = (half & 0x7fff) << 13;
  const magnitude = (half & 0x7c00) < 0x7c00 ? (float[0] as number) * 2 ** 112 : half & 0x3ff ? Number.NaN : Infinity;
  return half & 0x8000 ? -magnitude : magnitude;
}
