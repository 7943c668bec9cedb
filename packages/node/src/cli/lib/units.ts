const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Bytes as people read them: `4.0 MiB`. */
export function bytesText(bytes: number): string {
  const at = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** at;
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}

/** Reads `4194304`, `4MiB`, `64 KiB`; undefined where it is none of these. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const at = units.findIndex((unit) => unit.toLowerCase() === (match[2] ?? "B").toLowerCase());
  return Math.round(Number(match[1]) * 1024 ** at);
}

/** A count with thousands apart: `1,234,567`. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** Milliseconds with three digits that count: `0.123`, `1.23`, `12.3`, `123`. */
export function msText(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  if (ms >= 100) return countText(Math.round(ms));
  return ms.toFixed(ms >= 10 ? 1 : ms >= 1 ? 2 : 3);
}

/** A rate with three digits that count. */
export function rateText(rate: number): string {
  if (!Number.isFinite(rate)) return "–";
  return rate >= 100 ? countText(Math.round(rate)) : rate.toFixed(rate >= 10 ? 1 : 2);
}
