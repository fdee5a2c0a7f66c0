// What life.mjs decides by: whether an error is a death, whether Python still answers, what its trail says, and what is kept of a death.
/** @import { Stop } from './types/protocol.ts' */

const MISSED = 3; // looks in a row that Python's loop left unanswered. A long task holds up the looks as well, and so do a hidden tab and sleep.
const KEPT = 50; // deaths
const HALF = 256; // bytes: the trail's buffer holds the task, and then the item, each behind its length (app/core/model/trail.py)
const LONGEST = 300; // characters

/**
 * Whether Python cannot go on after this error: Pyodide says so, or it is WebAssembly's own.
 * @param {any} error
 */
export const fatal = (error) =>
  error?.pyodide_fatal_error === true || error instanceof WebAssembly.RuntimeError || /^Pyodide already /.test(error?.message ?? '');

/**
 * An error on one line.
 * @param {any} error
 */
export const reason = (error) => `${error?.name ?? 'Error'}: ${error?.message ?? error}`.slice(0, LONGEST);

/** Questions to Python's loop, one at each look, and its answers. */
export class Pulse {
  #asked = 0;
  #heard = 0;
  #missed = 0;

  /**
   * Looks whether the last question was answered: the number to ask with now, 0 to wait for the answer a little longer, -1 when it is not to be expected
   * any more.
   */
  look() {
    if (this.#heard === this.#asked) {
      this.#missed = 0;
      this.#asked += 1;
      return this.#asked;
    }
    this.#missed += 1;
    return this.#missed < MISSED ? 0 : -1;
  }

  /** @param {number} n what Python's loop gave back */
  answered(n) {
    this.#heard = n;
  }
}

/** @param {number} ms between two looks */
export const silence = (ms) => new Error(`Python did not answer for ${(MISSED * ms) / 1000} seconds.`);

/**
 * What Python was doing and reading.
 * @param {Uint8Array} memory its own
 * @param {number} place where the trail stands in it
 */
export function trailIn(memory, place) {
  /** @param {number} at */
  const text = (at) => new TextDecoder().decode(memory.slice(at + 1, at + 1 + (memory[at] ?? 0)));
  return { task: text(place), item: text(place + HALF) };
}

/**
 * The deaths that are kept, as their text says; none where it is damaged.
 * @param {string | null} text
 * @returns {(Stop | null)[]}
 */
export function keptIn(text) {
  try {
    const list = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/**
 * The last deaths with this one: of the same task and item only the last.
 * @param {(Stop | null)[]} kept
 * @param {Stop} stop
 */
export const keptWith = (kept, stop) => [...kept.filter((one) => !(one?.task === stop.task && one?.item === stop.item)), stop].slice(-KEPT);

/**
 * What was being read, for a sentence; nothing where that is not known.
 * @param {{ task: string, item: string }} stop
 */
export function reading({ task, item }) {
  if (item.startsWith('line:answer:')) return ' while it read a line of an answer file';
  if (item.startsWith('line:')) return ' while it read a request';
  if (item.startsWith('record:')) return ' while it read a stored record';
  if (item.startsWith('bytes:')) return ' while it read the ledger of a batch';
  if (item.startsWith('view:')) return ' while it drew a view';
  if (task.startsWith('batch ')) return ' while it worked on a batch';
  return '';
}
