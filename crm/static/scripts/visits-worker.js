// Between the visit form and the network. Its files come from what is kept; its pages from the network, and where that is away, the
// frame that is kept stands in, into which visits.js puts what this device knows. No page with anyone's data is kept.

const NAME = `visits-${hash(JSON.stringify(RELEASE))}`;
const PATIENCE = 6000;

function hash(text) {
  let found = 5381;
  for (const letter of text) found = (found * 33 + letter.codePointAt(0)) >>> 0;
  return found.toString(36);
}

async function keepShell() {
  const answer = await fetch(RELEASE.shell, { credentials: "same-origin", headers: { accept: "text/html" } });
  // signed out, it leads to another page, which is not to be kept
  if (!answer.ok || answer.redirected) throw new Error(`The frame of the form was not there: ${answer.status}`);
  await (await caches.open(NAME)).put(RELEASE.shell, answer);
}

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    await (await caches.open(NAME)).addAll(RELEASE.files);
    await keepShell();
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("visits-") && name !== NAME) await caches.delete(name);
    await self.clients.claim();
  })());
});

// A page that came from the server asks for the frame anew: in its language, of its agency.
self.addEventListener("message", (event) => {
  if (event.data === "refresh") event.waitUntil(keepShell().catch(() => undefined));
});

async function page(request) {
  const kept = await caches.match(RELEASE.shell);
  if (!kept) return fetch(request);
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE, kept); });
  const answered = fetch(request).then((answer) => ([502, 503, 504].includes(answer.status) ? kept : answer), () => kept);
  return Promise.race([answered, late]);
}

async function file(request, path) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (path.startsWith("/static/")) return kept ?? fetch(request);
  return fetch(request).catch(() => kept ?? Response.error());
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/") || RELEASE.files.includes(url.pathname)) event.respondWith(file(request, url.pathname));
});
