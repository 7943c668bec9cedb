/**
 * Where a key lies on [0, 1), in steps of 1e-4: the same for the same seed and key everywhere. GrowthBook's hash, version 2 (its SDK specification 0.5), so
 * that a service which splits with GrowthBook splits the same way.
 */
export function bucketOf(seed: string, key: string): number {
  return (fnv1a(String(fnv1a(seed + key))) % 10_000) / 10_000;
}

/** FNV-1a, 32 bits, over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Where each of some weights ends on [0, 1), laid side by side in their order. */
export function endsOf(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const ends = weights.map((weight) => {
    sum += weight;
    return sum / total;
  });
  // Sums of fractions may end below 1: what lies behind belongs to the last that has any weight.
  for (let i = weights.length - 1; i >= 0; i--) {
    ends[i] = 1;
    if ((weights[i] as number) > 0) break;
  }
  return ends;
}
