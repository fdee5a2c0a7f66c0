// Locks among tabs, and giving way to the browser. Both are promises that Python awaits.
import { aboutError } from './errors.mjs';

/** @type {Set<() => void>} */
const held = new Set();
let died = false;

// Python is dead (life.mjs): what it held is another tab's to take.
addEventListener('nightshift:died', () => {
  died = true;
  for (const abort of held) abort();
});

/**
 * `acquired` resolves when no other tab holds `name`; `release` lets go; `abort` gives up the place in the line, or lets go.
 * @param {string} name
 */
export function lock(name) {
  const controller = new AbortController();
  /** @type {() => void} */
  let release = () => {};
  /** @type {Promise<void>} */
  const done = new Promise((resolve) => {
    release = resolve;
  });
  /** @type {Promise<void>} */
  const acquired = new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { signal: controller.signal }, () => {
        resolve();
        return done;
      })
      .catch((error) => {
        if (!died) reject(new Error(`The lock was not given: ${error?.name ?? error}`));
      });
  });
  const abort = () => {
    held.delete(abort);
    controller.abort();
    release();
  };
  held.add(abort);
  return { acquired, release, abort };
}

// Lets the browser draw and take input, then goes on. A timer would wait 4 ms each time; scheduler.yield goes on at once when nothing else is due, and where it is
// missing a message does nearly the same. In a worker nothing is drawn, and what has to get in are messages.
export function breathe() {
  return globalThis.document && globalThis.scheduler?.yield ? globalThis.scheduler.yield() : turn();
}

// Waits for its turn behind everything that is due. What runs for long without Python must do so: Chromium takes up again what yielded before timers and messages,
// and Python's own loop lives on those.
/** @returns {Promise<void>} */
export function turn() {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}

/**
 * A Blob's content.
 * @param {Blob} blob
 */
export async function bytesOf(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    throw new Error(`The browser could not read the data back (${aboutError(error).name}).`);
  }
}
