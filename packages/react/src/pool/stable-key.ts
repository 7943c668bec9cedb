const ids = new WeakMap<object, number>();
let lastId = 0;

/**
 * The identity of a value as a string. Plain objects and arrays count by content, in any order of keys, so that an object made anew on each render is the
 * same; functions are left out; a definition counts by name, version and reference; bytes and whatever else is no plain data by reference.
 */
export function stableKey(value: unknown): string {
  if (typeof value === "string" || value instanceof URL) return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(stableKey)}]`;
  if (isDefinition(value)) return `${value.name}@${value.version}${referenceKey(value)}`;
  if (!isPlain(value)) return referenceKey(value);
  const parts = Object.entries(value).filter(([, part]) => part !== undefined && typeof part !== "function");
  return `{${parts.map(([key, part]) => `${JSON.stringify(key)}:${stableKey(part)}`).sort()}}`;
}

/** The identity of one object, and of no other: `#1`. */
function referenceKey(value: object): string {
  const id = ids.get(value) ?? ++lastId;
  ids.set(value, id);
  return `#${id}`;
}

/** Whether a value is what `defineModel` gives. */
export function isDefinition(value: object): value is { readonly name: string; readonly version: string } {
  return typeof (value as { encode?: unknown }).encode === "function";
}

/** Whether a value is a plain object or an array. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}

/** Whether two values are the same, or plain objects or arrays of the very same parts. */
export function sameParts(a: unknown, b: unknown): boolean {
  if (!isPlain(a) || !isPlain(b)) return Object.is(a, b);
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && Object.is(a[key], b[key]));
}
