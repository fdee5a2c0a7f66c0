// Keeps this version of Nightshift in the browser (worker.js) and tells Python, as notices, what came of it:
//   kept    {bytes, why}: bytes that lie ready for use without a network, or 0; `why` not (or why a newer version could not be kept)
//   update  "ready": a newer version waits;  "elsewhere": another tab has switched to it;  "": neither
// No tab is ever reloaded by this: the person does it.
import { aboutError } from './errors.mjs';
import { notice } from './events.mjs';

const CHECK_EVERY_MS = 3_600_000;
const PATIENCE_MS = 5000;

const { serviceWorker } = navigator;
const scope = () => new URL('./', location.href).href;

// The name of the build that this page was made of; nothing in the source tree.
export const version = () => document.documentElement.dataset.build ?? '';

let leaving = false;
let refused = '';

/** @returns {Promise<undefined>} */
const patience = () => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, undefined));

// Called once, when the first view is drawn.
export async function begin() {
  if (!document.querySelector('link[rel=manifest]')) return notice('kept', { bytes: 0, why: version() ? 'file' : 'sources' });
  // The worker keeps an older version as long as a tab holds this lock (worker.js, tidy).
  navigator.locks?.request(`nightshift ${scope()} ${version()}`, { mode: 'shared' }, () => new Promise(() => {})).catch(() => {});
  if (!serviceWorker) return notice('kept', { bytes: 0, why: 'refused' });
  try {
    await idle(); // the start comes first
    const registration = await serviceWorker.register('worker.js', { scope: './', updateViaCache: 'none' });
    follow(registration);
  } catch (error) {
    const { name, message } = aboutError(error);
    notice('kept', { bytes: 0, why: name === 'SecurityError' ? 'refused' : message });
  }
}

/** @type {() => Promise<unknown>} */
const idle = () => new Promise((resolve) => (globalThis.requestIdleCallback ?? setTimeout)(resolve));

/** @param {ServiceWorkerRegistration} registration */
function follow(registration) {
  /** @param {ServiceWorker | null} worker */
  const watch = (worker) => worker?.addEventListener('statechange', () => look(registration));
  watch(registration.installing);
  registration.addEventListener('updatefound', () => {
    refused = '';
    watch(registration.installing);
  });
  serviceWorker.addEventListener('controllerchange', () => look(registration));
  serviceWorker.addEventListener('message', ({ data }) => {
    if (!data?.failed) return;
    refused = data.failed;
    void look(registration);
  });
  let checked = Date.now();
  const check = () => {
    if (document.visibilityState !== 'visible' || Date.now() - checked < CHECK_EVERY_MS) return;
    checked = Date.now();
    registration.update().catch(() => {}); // no network: another time
  };
  setInterval(check, CHECK_EVERY_MS);
  document.addEventListener('visibilitychange', check);
  void look(registration);
}

/** @param {ServiceWorkerRegistration} registration */
async function look(registration) {
  const { waiting: next, active: current } = registration;
  const [waiting, active] = await Promise.all([ask(next), ask(current)]);
  if (leaving) return;
  if (registration.waiting !== next || registration.active !== current) {
    void look(registration); // one took the other's place meanwhile: what was told is of before
    return;
  }
  const bytes = active?.bytes ?? 0;
  const coming = registration.installing || registration.waiting;
  if (active && !bytes) registration.unregister(); // the browser has cleared what was kept: the next load begins anew
  if (bytes || refused || !coming) notice('kept', { bytes, why: refused || (bytes ? '' : 'gone') });
  const changed = serviceWorker.controller && active && active.build !== version();
  notice('update', waiting && waiting.build !== version() ? 'ready' : changed ? 'elsewhere' : '');
  if (bytes && !waiting) registration.active?.postMessage('tidy');
}

/**
 * What a worker answers to «which», whenever it comes to it: on a busy machine that takes longer than a page is patient, and until then nothing is
 * known and nothing is said. Asked again after growing waits, since a question can be lost; the first answer counts. Nothing where there is no worker.
 * @param {ServiceWorker | null} worker
 * @returns {Promise<{ build: string, bytes: number } | undefined> | undefined}
 */
function ask(worker) {
  if (!worker || worker.state === 'redundant') return undefined;
  /** @type {MessagePort[]} */
  const ports = [];
  const given = new AbortController();
  /** @type {ReturnType<typeof setTimeout>} */
  let again;
  const answer = new Promise((resolve) => {
    // One that is done with answers no more: not waited for.
    worker.addEventListener('statechange', () => worker.state === 'redundant' && resolve(undefined), { signal: given.signal });
    const put = (wait = PATIENCE_MS) => {
      const { port1, port2 } = new MessageChannel();
      ports.push(port1);
      port1.onmessage = ({ data }) => resolve(data);
      worker.postMessage('which', [port2]);
      again = setTimeout(put, wait, 2 * wait);
    };
    put();
  });
  return answer.finally(() => {
    given.abort();
    clearTimeout(again);
    for (const port of ports) port.close();
  });
}

// Has the newest version that is there take over, and reloads this page. Other tabs go on with what they have.
export async function takeOver() {
  leaving = true;
  try {
    const waiting = (await serviceWorker?.getRegistration())?.waiting;
    if (waiting) {
      const taken = new Promise((resolve) => serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
      waiting.postMessage('take over');
      await Promise.race([taken, patience()]);
    }
  } finally {
    location.reload();
  }
}
