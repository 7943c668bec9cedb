/**
 * The paths of a document that a look at it did not read. A validator that knows a schema reads every field of it and passes over those that it does not
 * know: what it left unread is misspelt, or belongs elsewhere.
 */
export function unread(document: object, look: (document: object) => void): string[] {
  const left = new Set<string>();
  const watched = (value: unknown, path: string): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const parts = new Map<PropertyKey, unknown>();
    for (const [key, part] of Object.entries(value)) {
      left.add(`${path}/${key}`);
      parts.set(key, watched(part, `${path}/${key}`));
    }
    return new Proxy(value, {
      get(target, key) {
        left.delete(`${path}/${String(key)}`);
        return parts.has(key) ? parts.get(key) : Reflect.get(target, key);
      },
    });
  };
  look(watched(document, "") as object);
  return [...left];
}
