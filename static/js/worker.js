// The service worker: keeps one whole version of Nightshift in this browser and answers for its files from there, so that a second visit needs no
// network. tools/serviceworker.py writes this version's name, page and list of files before this text.
//
// One cache for each version that was installed. A version's page (index.html) comes with this script and its files lie in a folder that is named
// after their content, so no two versions can mix: a tab that was opened with an older version goes on finding its files in the older cache, and that
// cache is deleted only when no tab uses it any more. Anything else (the provider, practice, other files of the host) this script never answers.
//
// Told by pages (static/js/updates.mjs): «which», «take over», «tidy». Tells pages: {build, failed} when an installation fails.
const { build: BUILD, files: FILES } = self.NIGHTSHIFT_FILES; // files: [path below the scope, bytes, SHA-256 in base64]
const PAGE = self.NIGHTSHIFT_PAGE; // index.html of this version

const SCOPE = new URL('./', location.href).href;
const PREFIX = `nightshift ${SCOPE} `; // other sites may lie beside this one on the same origin
const FOLDER = /^([0-9a-f]{16})\//;
const MANIFEST = 'nightshift.webmanifest';
const HTML = { 'Content-Type': 'text/html; charset=utf-8' };
const LIST = 'files.json'; // kept in each version's cache, under its folder: path -> SHA-256
const SIZE = FILES.reduce((sum, [, bytes]) => sum + bytes, 0);

/** @param {string} path */
const at = (path) => SCOPE + path;
/** @type {(build: string, time: number) => string} */
const nameOf = (build, time) => `${PREFIX}${build} ${time}`;

/** @typedef {{ name: string, build: string, time: number }} Kept a cache of this site */

/** @returns {Promise<Kept[]>} the caches of this site, oldest first */
async function kept() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  const found = names.map((name) => {
    const [build = '', time] = name.slice(PREFIX.length).split(' ');
    return { name, build, time: Number(time) };
  });
  return found.sort((a, b) => a.time - b.time);
}

/**
 * The page is put in last, so a cache that has it has everything.
 * @param {Kept} kept
 */
const whole = async ({ name }) => Boolean(await (await caches.open(name)).match(SCOPE));

async function mine() {
  for (const one of (await kept()).filter(({ build }) => build === BUILD).reverse()) if (await whole(one)) return one;
  return undefined;
}

// --- installing

/** @typedef {Map<string, { cache: Cache, path: string }>} Copies files of kept versions by their SHA-256 */

/** What did not change is copied, not fetched. */
async function known() {
  /** @type {Copies} */
  const found = new Map();
  for (const { name, build } of await kept()) {
    const cache = await caches.open(name);
    const list = await cache.match(at(`${build}/${LIST}`));
    for (const [path, hash] of list ? await list.json() : []) found.set(hash, { cache, path });
  }
  return found;
}

/**
 * The file as it was listed, or an error that names it. The page has just fetched most files: the browser's own cache has them, and is
 * passed by only when what it has is not what was listed.
 * @param {string} path
 * @param {string} hash
 */
async function fetched(path, hash) {
  for (const cache of /** @type {const} */ (['force-cache', 'reload'])) {
    try {
      return await fetch(at(path), { cache, integrity: `sha256-${hash}` });
    } catch {
      // not there, or something else: the server's own word counts
    }
  }
  throw new Error(`${path} could not be fetched as it was published.`);
}

/**
 * @param {Cache} cache
 * @param {string} path
 * @param {string} hash
 * @param {Copies} copies
 */
async function put(cache, path, hash, copies) {
  const copy = copies.get(hash);
  const old = copy && (await copy.cache.match(at(copy.path)));
  // A new response: the old one would carry its address along, and modules would look for their neighbours there.
  if (old) return cache.put(at(path), new Response(await old.blob(), { headers: old.headers }));
  const answer = await fetched(path, hash);
  if (!path.endsWith('.gz') || !answer.body) return cache.put(at(path), answer);
  // Unpacked here, so that no start has to do it.
  const unpacked = answer.body.pipeThrough(new DecompressionStream('gzip'));
  return cache.put(at(path), new Response(unpacked, { headers: { 'Content-Type': 'application/octet-stream' } }));
}

/** @param {Installing} event */
async function install(event) {
  const name = nameOf(BUILD, Date.now());
  try {
    const copies = await known();
    const cache = await caches.open(name);
    for (const [path, , hash] of FILES) await put(cache, path, hash, copies);
    const list = FILES.map(([path, , hash]) => [path, hash]);
    await cache.put(at(`${BUILD}/${LIST}`), new Response(JSON.stringify(list), { headers: { 'Content-Type': 'application/json' } }));
    await cache.put(SCOPE, new Response(PAGE, { headers: HTML }));
    await direct(event, name);
  } catch (error) {
    await caches.delete(name).catch(() => {});
    const { name: kind, message = `${error}` } = /** @type {Partial<Error>} */ (error ?? {});
    const failed = kind === 'QuotaExceededError' ? 'full' : message;
    for (const client of await pages()) client.postMessage({ build: BUILD, failed });
    throw error;
  }
}

/**
 * Where the browser can, it takes this version's files from the cache without waking this script, and leaves everything outside the site alone.
 * @param {Installing} event
 * @param {string} cacheName
 */
async function direct(event, cacheName) {
  if (!event.addRoutes) return;
  try {
    await event.addRoutes([
      { condition: { urlPattern: new URLPattern(`${BUILD}/*`, SCOPE) }, source: { cacheName } },
      { condition: { not: { urlPattern: new URLPattern('*', SCOPE) } }, source: 'network' },
    ]);
  } catch {
    // an older form of this interface: `answer` does the same, a little slower
  }
}

// --- answering

const pages = () => clients.matchAll({ type: 'window', includeUncontrolled: true });

/**
 * @param {string} path
 * @param {string} build
 */
async function stored(path, build) {
  for (const { name } of (await kept()).filter((one) => one.build === build).reverse()) {
    const found = await (await caches.open(name)).match(at(path));
    if (found) return found;
  }
  return undefined;
}

/**
 * The page of this version; or of the newer one that waits, when the only tab reloads: then nobody is left who needs this one.
 * @param {Request} request
 */
async function page({ cache, isReloadNavigation }) {
  const { waiting } = registration;
  const again = isReloadNavigation || cache === 'no-cache';
  if (waiting && again && (await pages()).length < 2) {
    const newest = (await kept()).at(-1);
    const found = newest && (await (await caches.open(newest.name)).match(SCOPE));
    if (found) {
      waiting.postMessage('take over');
      return found;
    }
  }
  return new Response(PAGE, { headers: HTML });
}

/** @param {FetchEvent} event */
function answer(event) {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(SCOPE)) return;
  const path = request.url.slice(SCOPE.length).split(/[?#]/, 1)[0] ?? '';
  const build = FOLDER.exec(path)?.[1];
  if (request.mode === 'navigate') {
    if (path === '' || path === 'index.html') event.respondWith(page(request));
  } else if (build) {
    event.respondWith(stored(path, build).then((found) => found ?? fetch(request)));
  } else if (path === MANIFEST) {
    event.respondWith(stored(path, BUILD).then((found) => found ?? fetch(request)));
  }
}

// --- tidying

// Deletes what is older than this version and used by no tab. A tab holds the lock «<prefix><build>» as long as it lives; one that is only starting
// holds none yet, and then nothing is deleted this time.
async function tidy() {
  const own = await mine();
  if (!own) return;
  const [{ held = [] }, open] = await Promise.all([navigator.locks.query(), pages()]);
  const locks = held.filter(({ name }) => name?.startsWith(PREFIX));
  const known = new Set(locks.map(({ clientId }) => clientId));
  if (open.some(({ id }) => !known.has(id))) return;
  const used = new Set(locks.map(({ name }) => name?.slice(PREFIX.length)));
  const old = (await kept()).filter(({ build, time }) => time < own.time && (build === BUILD || !used.has(build)));
  await Promise.all(old.map(({ name }) => caches.delete(name)));
}

async function which() {
  const whole = Boolean(await mine());
  return { build: BUILD, bytes: whole ? SIZE : 0 };
}

addEventListener('install', (event) => event.waitUntil(install(event)));
addEventListener('activate', (event) => event.waitUntil(clients.claim().then(tidy)));
addEventListener('fetch', answer);
addEventListener('message', (event) => {
  const { data, ports } = event;
  if (data === 'take over') event.waitUntil(skipWaiting());
  else if (data === 'tidy') event.waitUntil(tidy());
  else if (data === 'which') event.waitUntil(which().then((told) => ports[0]?.postMessage(told)));
});
