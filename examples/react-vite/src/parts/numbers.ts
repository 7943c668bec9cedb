/** A share as people read it. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0.9995 || share < 0.0005 ? 0 : 1)} %`;
}

/** Milliseconds as people read them. */
export function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Bytes so far, and in all where that is known. */
export function megabytes(loaded: number, total: number | undefined): string {
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return total === undefined ? `${mb(loaded)} MB` : `${mb(loaded)} of ${mb(total)} MB`;
}
