// Many calls over HTTP for Python, some at a time: what crosses to Python and back costs more than a call, so they are handed over, and their answers fetched,
// in groups. While Python handles one group the next calls end by themselves: the slower it is, the larger its groups.
/** @import { Bytes, CallToMake, EndedCalls, Head } from './types/protocol.ts' */
import { aboutError } from './errors.mjs';
import { Limit, exchanged } from './http.mjs';
import { turn } from './platform.mjs';

const NOTHING = new Uint8Array(0);
const GATHER = 100; // milliseconds in which ends are gathered while other calls wait

/** @typedef {{ name: string, head: Head, body: Bytes | undefined }} Waiting */
/** @typedef {{ name: string, seconds: number, status: number, headers: string, kind: string, detail: string, body: Bytes }} Ended */

class Calls {
  #atOnce = 1;
  /** @type {Waiting[]} */
  #waiting = [];
  /** @type {Set<Limit>} */
  #open = new Set();
  /** @type {Ended[]} */
  #ended = [];
  #over = false;
  #wake = () => {};

  /**
   * Make these too, after those that wait, so many at a time from now on.
   * @param {string} callsText the JSON of [name, size, head] each; their bodies lie one after another in `bytes`
   * @param {Bytes} bytes
   * @param {number} atOnce
   */
  put(callsText, bytes, atOnce) {
    this.#atOnce = atOnce;
    let at = 0;
    /** @type {CallToMake[]} */
    const calls = JSON.parse(callsText);
    for (const [name, size, head] of calls) {
      this.#waiting.push({ name, head, body: size ? bytes.slice(at, at + size) : undefined });
      at += size;
    }
    this.#start();
  }

  #start() {
    while (!this.#over && this.#open.size < this.#atOnce) {
      const next = this.#waiting.shift();
      if (!next) return;
      void this.#make(next);
    }
  }

  /** @param {Waiting} call */
  async #make({ name, head, body }) {
    const limit = new Limit(head.timeout * 1000);
    this.#open.add(limit);
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    try {
      const { status, headers, body: said } = await exchanged(head, body, limit);
      this.#ended.push({ name, seconds: seconds(), status, headers, kind: '', detail: '', body: said });
    } catch (error) {
      const about = aboutError(error);
      this.#ended.push({ name, seconds: seconds(), status: 0, headers: '{}', kind: about.name, detail: about.message, body: NOTHING });
    }
    this.#open.delete(limit);
    this.#start();
    this.#wake();
  }

  /**
   * Those that ended since the last time, at least one; nothing when none is on its way.
   * @returns {Promise<EndedCalls | undefined>}
   */
  async next() {
    while (this.#over || !this.#ended.length) {
      if (this.#over || !this.#open.size) return undefined;
      await /** @type {Promise<void>} */ (
        new Promise((resolve) => {
          this.#wake = resolve;
        })
      );
    }
    await turn(); // others end in the same turn
    if (this.#waiting.length) await this.#gathered();
    if (this.#over) return undefined;
    const ended = this.#ended;
    this.#ended = [];
    const bytes = new Uint8Array(ended.reduce((sum, { body }) => sum + body.length, 0));
    let at = 0;
    const index = ended.map(({ name, seconds, status, headers, kind, detail, body }) => {
      bytes.set(body, at);
      at += body.length;
      return [name, seconds, status, headers, kind, detail, body.length];
    });
    return { index: JSON.stringify(index), bytes };
  }

  // Nothing stands still meanwhile: each that ends lets one that waits begin. When none waits any more, more is wanted at once.
  /** @returns {Promise<void>} */
  #gathered() {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHER);
      this.#wake = () => {
        if (this.#waiting.length) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  // Gives all of them up: those on their way are aborted, those that wait are not made.
  abort() {
    this.#over = true;
    this.#waiting = [];
    for (const limit of this.#open) limit.controller.abort();
    this.#wake();
  }
}

export const calls = () => new Calls();
