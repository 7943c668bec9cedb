/** Finds what lies below a prefix by path. */
export type Router<Found> = (url: string) => Found | undefined;

/** Paths repeat: with this many remembered, a known one costs one look-up. Long ones are not: the memory is the client's to fill. */
const remembered = 1024;
const memorable = 256;

/** Makes a router for the paths below a prefix. Queries and one trailing slash do not count. */
export function createRouter<Found>(prefix: string, find: (segments: readonly string[]) => Found | undefined): Router<Found> {
  const known = new Map<string, Found>();
  return (url) => {
    const hit = known.get(url);
    if (hit !== undefined) return hit;
    const query = url.indexOf("?");
    const target = query < 0 ? url : url.slice(0, query);
    // RFC 9112, section 3.2.2: a proxy may send the whole URL.
    const path = target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/]*/i, "");
    if (!path.startsWith(`${prefix}/`)) return undefined;
    const segments = decode(path.slice(prefix.length + 1).replace(/\/$/, ""));
    const found = segments === undefined ? undefined : find(segments);
    if (found !== undefined && query < 0 && url.length <= memorable && known.size < remembered) known.set(url, found);
    return found;
  };
}

function decode(path: string): string[] | undefined {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
