type Bag = Record<string, unknown>;

/**
 * Whether two inputs have the same content, so that an object made anew on each render is not a new input. Arrays, typed arrays and plain
 * objects are compared by content, anything else by identity: an array changed in place goes unnoticed.
 */
export function sameInput(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (Array.isArray(a) || (ArrayBuffer.isView(a) && !(a instanceof DataView))) return sameList(a as unknown[], b as unknown[]);
  return isPlain(a) && sameBag(a as Bag, b as Bag);
}

function sameList(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameInput(a[i], b[i])) return false;
  return true;
}

function sameBag(a: Bag, b: Bag): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameInput(a[key], b[key]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
