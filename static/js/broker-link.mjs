// What a connection to a broker is for both transports: something that ends once, with a trouble, and a bell that wakes who waits.

/** @import { Outcome, OutgoingResult, Trouble } from './types/protocol.ts' */
import { aboutError } from './errors.mjs';

/**
 * A link over which messages come. `settle` rejects those at these places, and acknowledges the others.
 * @template M
 * @typedef {Link & { settle: (messages: M[], rejected: Set<number>) => void }} IntakeLink
 */

/**
 * Tells what became of one message.
 * @typedef {(message: OutgoingResult, outcome: Outcome, detail?: string) => void} Told
 */

/**
 * A link over which results go. `send` waits for the broker's words; what has none when the link is over stays without one.
 * @typedef {Link & { send: (messages: OutgoingResult[], told: Told) => Promise<void> }} OutletLink
 */

/**
 * A native Error that carries a trouble.
 * @param {Trouble} trouble
 */
export const fault = ({ code, detail = '', final = false }) => Object.assign(new Error(detail), { trouble: { code, detail, final } });

/**
 * The trouble that an error carries, if it does.
 * @param {unknown} error
 * @returns {Trouble | undefined}
 */
export const carried = (error) => /** @type {{ trouble?: Trouble } | null | undefined} */ (error)?.trouble;

/**
 * @param {unknown} error
 * @returns {Trouble}
 */
export const troubleOf = (error) => carried(error) ?? { code: 'broker', detail: short(aboutError(error).message) };

/**
 * A broker's words, on one line.
 * @param {unknown} text
 */
export const short = (text) => String(text).replace(/\s+/g, ' ').trim().slice(0, 300);

// `ended` resolves to the trouble that the link ended with; `shut` closes what is under it.
export class Link {
  over = false;
  /** @type {Trouble | null} */
  trouble = null;
  server = ''; // what the broker calls itself
  asking = false; // whether a silent end would mean a refusal
  /** @type {(trouble: Trouble) => void} */
  #resolve = () => {};
  #shut;

  /** @param {() => void} shut */
  constructor(shut) {
    this.#shut = shut;
    /** @type {Promise<Trouble>} */
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** @param {Trouble} trouble */
  end(trouble) {
    if (this.over) return;
    this.over = true;
    this.trouble = trouble;
    this.#shut();
    this.#resolve(trouble);
  }

  /**
   * What `work` comes to, or the fault that the link ends with meanwhile.
   * @template T
   * @param {Promise<T>} work
   * @returns {Promise<T>}
   */
  during(work) {
    return Promise.race([work, this.ended.then((trouble) => Promise.reject(fault(trouble)))]);
  }
}

// {ring, rung}: everybody who awaits `rung()` goes on at the next `ring()`.
export function bell() {
  /** @type {() => void} */
  let ring = () => {};
  /** @returns {Promise<void>} */
  const renewed = () =>
    new Promise((resolve) => {
      ring = resolve;
    });
  let rung = renewed();
  return {
    ring: () => {
      ring();
      rung = renewed();
    },
    rung: () => rung,
  };
}

// Lets at most `most` messages be on their way. What is on its way without a word for `patience` ms ends the link.
export class Window {
  /** @type {Map<string | number, { done: (word?: () => void) => void, at: number }>} */
  #waiting = new Map(); // key -> {done, at}, oldest first
  #bell = bell();

  /**
   * @param {Link} link
   * @param {number} most
   * @param {number} patience
   */
  constructor(link, most, patience) {
    this.link = link;
    this.most = most;
    const watch = setInterval(() => {
      const oldest = this.#waiting.values().next().value;
      if (oldest && performance.now() - oldest.at > patience)
        link.end({ code: 'lost', detail: `No confirmation within ${patience / 1000} s.` });
    }, 1000);
    link.ended.then(() => {
      clearInterval(watch);
      this.#bell.ring();
    });
  }

  // Whether there is room now.
  get free() {
    return !this.link.over && this.#waiting.size < this.most;
  }

  // Waits for room; false when the link is over. Once the window is full it opens again for a quarter of it at a time, so that what goes out goes in groups.
  async room() {
    if (this.free) return true;
    const most = this.most - Math.max(1, this.most >> 2);
    while (!this.link.over && this.#waiting.size > most) await this.#bell.rung();
    return !this.link.over;
  }

  /**
   * @param {string | number} key
   * @param {(word?: () => void) => void} done
   */
  enter(key, done) {
    this.#waiting.set(key, { done, at: performance.now() });
  }

  /**
   * The broker's word on one; means nothing for one that is not on its way.
   * @param {string | number} key
   * @param {() => void} [word]
   */
  leave(key, word) {
    const one = this.#waiting.get(key);
    if (!one) return;
    this.#waiting.delete(key);
    one.done(word);
    this.#bell.ring();
  }

  /**
   * Waits until `met`, or the link is over.
   * @param {() => boolean} met
   */
  async until(met) {
    while (!this.link.over && !met()) await this.#bell.rung();
  }
}

/**
 * The queue that a result goes to. Of a reply-to, destinations of STOMP that name a queue are understood; of others there is none.
 * @param {{ queue: string, replyTo: string }} message
 */
export const queueOf = ({ queue, replyTo }) =>
  queue || (/^(?:\/(?:reply-queue|amq\/queue|queue)\/)?([^/].*)$/.exec(replyTo)?.[1] ?? '').replaceAll('%2F', '/');
