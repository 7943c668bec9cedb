/** Names the class of a value for a message, never the value itself, nor anything that it says of itself. */
export function describe(value: unknown): string {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return String(value);
    if (!Number.isInteger(value)) return "a fraction";
    return Number.isSafeInteger(value) ? "an integer" : "an unsafe integer";
  }
  if (typeof value !== "object") return value === undefined ? "nothing" : typeof value;
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : Object.prototype.toString.call(value).slice(8, -1);
}
