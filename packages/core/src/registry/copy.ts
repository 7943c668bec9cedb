import { isTensorLike } from "../tensor/index.ts";

/** Bytes that copies may still take. */
export interface Budget {
  bytes: number;
}

/**
 * A copy of an input that its caller may change: lists, plain objects, tensors and typed arrays are copied, anything else is shared. Takes what it needs
 * off the budget; once that is below zero, the copy is not whole and of no use.
 */
export function copyOf(value: unknown, budget: Budget): unknown {
  if (budget.bytes < 0) return undefined;
  if (typeof value !== "object" || value === null) {
    budget.bytes -= typeof value === "string" ? 2 * value.length : 8;
    return value;
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    budget.bytes -= value.byteLength;
    // Not a Buffer's own slice, which is a view.
    return budget.bytes < 0 ? undefined : Uint8Array.prototype.slice.call(value);
  }
  if (Array.isArray(value)) {
    if (!value.every((item) => typeof item === "number")) return value.map((item) => copyOf(item, budget));
    budget.bytes -= 8 * value.length;
    return budget.bytes < 0 ? undefined : value.slice();
  }
  // A tensor may be of a runtime's own class, with its parts in getters.
  if (isTensorLike(value)) return { type: value.type, data: copyOf(value.data, budget), dims: [...value.dims] };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) copy[key] = copyOf(field, budget);
  return copy;
}
