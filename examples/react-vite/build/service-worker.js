// Lets the page open without a network. `version` and `paths` are written above when the page is built.
// The models and the runtime's files are not its business: @predikt/web keeps them, and any cache is looked into.
/* global version, paths */
const cacheName = `page-${version}`;

addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(paths))
      .then(() => skipWaiting()),
  );
});

addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith("page-") && name !== cacheName;
  const tidy = caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))));
  event.waitUntil(tidy.then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  // The page itself may be newer on the server; what has a digest in its name never is. Answers of the API are not kept.
  if (request.mode === "navigate" && url.pathname === new URL("./", location.href).pathname) event.respondWith(networkFirst(request));
  else if (url.pathname.includes("/assets/")) event.respondWith(keptFirst(request));
});

async function networkFirst(request) {
  try {
    const reply = await fetch(request);
    if (reply.ok) return reply;
  } catch {
    // No network: the copy will do.
  }
  return (await caches.match("./", { cacheName })) ?? Response.error();
}

async function keptFirst(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
