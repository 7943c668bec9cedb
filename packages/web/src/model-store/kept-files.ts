const cacheName = "predikt-files";
/** More files than one version of the SDK has; the oldest go first, which are those of versions that were replaced. */
const maxFiles = 12;
/** A copy is made only where so much room is left after it: models come first. */
const spareBytes = 64 * 2 ** 20;

/**
 * Keeps a copy of a runtime file for when the network fails, unless there is one. It never rejects, and does nothing where the browser has no
 * Cache API or little room is left.
 */
export async function keepFile(url: string): Promise<void> {
  try {
    if (globalThis.caches === undefined) return;
    const cache = await caches.open(cacheName);
    if ((await cache.match(url)) !== undefined) return;
    const { quota, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
    if (quota !== undefined && quota - usage < spareBytes) return;
    // From the browser's own cache, unless that has no room for it or may not keep it. ("only-if-cached" would tell the console of each miss.)
    const response = await fetch(url, { cache: "force-cache" });
    if (!response.ok) return;
    await cache.put(url, response);
    const kept = await cache.keys();
    for (const old of kept.slice(0, Math.max(0, kept.length - maxFiles))) await cache.delete(old);
  } catch {
    // The file is used by its URL all the same.
  }
}

/** The copy of a runtime file, or undefined where none was kept. It never rejects. */
export async function keptFile(url: string): Promise<Response | undefined> {
  try {
    return await globalThis.caches?.match(url, { cacheName, ignoreVary: true });
  } catch {
    return undefined;
  }
}
