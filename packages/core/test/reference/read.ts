/** An array of the reference files. */
export interface Packed {
  readonly type: string;
  readonly shape: readonly number[];
  readonly base64: string;
}

const classes = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** The elements of a reference array. */
export function unpack({ type, base64 }: Packed): Uint8Array | Uint16Array | Int32Array | Float32Array | Float64Array {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new classes[type as keyof typeof classes](bytes.buffer);
}

/** The pixels of a reference array of [height, width, channels]. */
export function unpackImage(packed: Packed): { data: Uint8Array; width: number; height: number; channels: 1 | 3 | 4 } {
  const [height, width, channels] = packed.shape as [number, number, 1 | 3 | 4];
  return { data: unpack(packed) as Uint8Array, width, height, channels };
}

/** The largest difference of two arrays of the same length. */
export function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths differ: ${a.length} and ${b.length}`);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] as number) - (b[i] as number)));
  return most;
}
