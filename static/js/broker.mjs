// RabbitMQ for Python: what both transports have in common (broker-stomp.mjs, broker-amqp.mjs). Loaded when it is first needed (nightshift.mjs).
//
// Messages cross to Python and back many at a time, as one run of bytes and an index. Python awaits `next`, `publish` and `test`, so they never reject
// with anything but a native Error. A password comes in with `access`, goes to the broker, and is in no error, light or log.
/** @import { IntakeLink, OutletLink } from './broker-link.mjs' */
/** @import { Access, Arrived, Bytes, ConnectionStatus, ConnectionState, OutgoingResult, Trouble } from './types/protocol.ts' */
import * as amqp from './broker-amqp.mjs';
import { fault, troubleOf } from './broker-link.mjs';
import * as stomp from './broker-stomp.mjs';
import { turn } from './platform.mjs';

/**
 * What settles a message is known to the transport that it came by, and to nobody else.
 * @typedef {Arrived<object>} Message
 * @typedef {{
 *   intake: (access: Access, message: (message: Message) => void) => Promise<IntakeLink<Message>>,
 *   outlet: (access: Access) => Promise<OutletLink>,
 * }} Transport
 */

const TRANSPORTS = /** @type {Record<Access['transport'], Transport>} */ (/** @type {unknown} */ ({ stomp, amqp }));
const FIRST_PAUSE = 0.5; // seconds; each failure doubles it
const LONGEST_PAUSE = 30;
const STEADY_MS = 5000; // a connection that stood so long was no failure
const PORTION = 1 << 20; // bytes after which a portion is handed over; a single larger message goes alone
const GATHER_TURNS = 20;
const TRIES = 5; // connections that one call to publish makes before it says «unknown»
const TEST_MS = 15_000;

/** @param {number} seconds */
const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
/** @param {number} failures in a row */
export const pauseAfter = (failures) => Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.max(0, failures - 1));

/**
 * @param {string} accessText the JSON of app/core/programs/rabbit.py's Access
 * @returns {Access}
 */
const parsed = (accessText) => {
  const { settings, password } = JSON.parse(accessText);
  return {
    transport: 'stomp',
    address: '',
    vhost: '/',
    user: '',
    queue: '',
    exchange: '',
    routing_key: '',
    prefetch: 100,
    ...settings,
    password,
  };
};

// --- intake ---

/** @type {Set<Intake>} */
const open = new Set();

// Python is dead (life.mjs): the broker gives what is not acknowledged to another tab.
addEventListener('nightshift:died', () => {
  for (const intake of open) intake.close();
});

class Intake {
  #access;
  #transport;
  /** @type {ConnectionStatus[]} */
  #lights = [];
  /** @type {Message[]} */
  #buffer = [];
  /** @type {Message[]} */
  #handed = []; // the portion that Python has
  /** @type {IntakeLink<Message> | null} */
  #link = null;
  /** @type {IntakeLink<Message> | null} */
  #handedBy = null; // the link over which it came
  #reconnects = 0;
  #server = '';
  #closed = false;
  #ended = false;
  #wake = () => {};

  /** @param {Access} access */
  constructor(access) {
    this.#access = access;
    this.#transport = TRANSPORTS[access.transport];
    open.add(this);
    void this.#run();
  }

  /**
   * The next thing that happened: a light (JSON), a portion of messages, or nothing when it is over.
   * @returns {Promise<{ light: string } | { index: string, bytes: Bytes } | undefined>}
   */
  async next() {
    for (;;) {
      if (this.#lights.length) return { light: JSON.stringify(this.#lights.shift()) };
      if (this.#link && this.#buffer.length && !this.#handed.length) {
        await this.#gathered();
        if (this.#link && this.#buffer.length) return this.#portion();
        continue;
      }
      if (this.#ended) return undefined;
      await this.#woken();
    }
  }

  /** @returns {Promise<void>} */
  #woken() {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /**
   * The portion is stored: reject those at these places (JSON), acknowledge the others. Over a connection that is gone nothing can be said, and all
   * come again.
   * @param {string} rejectedText
   */
  settle(rejectedText) {
    const handed = this.#handed;
    this.#handed = [];
    if (this.#handedBy === this.#link) this.#link?.settle(handed, new Set(JSON.parse(rejectedText)));
    this.#wake();
  }

  /**
   * The portion could not be stored: give the connection up, so that the broker sends everything again.
   * @param {string} why
   */
  giveUp(why) {
    this.#handed = [];
    if (this.#handedBy === this.#link) this.#link?.end({ code: 'unstored', detail: why });
    this.#wake();
  }

  close() {
    open.delete(this);
    this.#closed = true;
    this.#handed = [];
    this.#link?.end({ code: '' });
    this.#wake();
  }

  /**
   * @param {ConnectionState} state
   * @param {Partial<Trouble> & { pause?: number }} [trouble]
   */
  #light(state, { code = '', detail = '', pause = 0 } = {}) {
    this.#lights.push({ state, trouble: code, detail, reconnects: this.#reconnects, server: this.#server, pause });
    this.#wake();
  }

  async #run() {
    let failures = 0;
    this.#light('connecting');
    while (!this.#closed) {
      const { trouble, stood } = await this.#connection();
      if (this.#closed) break;
      if (trouble.final) {
        this.#light('stopped', trouble);
        break;
      }
      failures = stood > STEADY_MS ? 1 : failures + 1;
      const pause = pauseAfter(failures);
      this.#light('waiting', { ...trouble, pause });
      await sleep(pause);
    }
    this.#ended = true;
    this.#wake();
  }

  /**
   * One connection, from its first byte to its last: why it ended, and for how long messages could come (ms).
   * @returns {Promise<{ trouble: Trouble, stood: number }>}
   */
  async #connection() {
    /** @type {IntakeLink<Message> | undefined} */
    let link;
    try {
      link = await this.#transport.intake(this.#access, (message) => {
        if (link && link !== this.#link) return; // came after the end
        this.#buffer.push(message);
        this.#wake();
      });
    } catch (error) {
      this.#buffer = [];
      return { trouble: troubleOf(error), stood: 0 };
    }
    if (this.#closed) {
      link.end({ code: '' });
      return { trouble: { code: '' }, stood: 0 };
    }
    this.#link = link;
    const began = performance.now();
    this.#reconnects += this.#server ? 1 : 0;
    this.#server = link.server || 'RabbitMQ';
    this.#light('on');
    const trouble = await link.ended;
    this.#link = null;
    this.#buffer = []; // they come again
    return { trouble, stood: performance.now() - began };
  }

  // While messages are coming in, each turn of the page brings some: few large portions cost less than many small ones. Half of what the broker sends ahead
  // is enough: the other half comes while Python has the first. (Turns, not a timer: those of a tab that nobody looks at are held back.)
  async #gathered() {
    const enough = Math.ceil(this.#access.prefetch / 2);
    for (let turns = 0, before = 0; turns < GATHER_TURNS && this.#buffer.length > before && this.#buffer.length < enough; turns += 1) {
      before = this.#buffer.length;
      await turn();
    }
  }

  #portion() {
    let size = 0;
    let count = 0;
    for (const { body } of this.#buffer) {
      if (count && size + body.length > PORTION) break;
      size += body.length;
      count += 1;
    }
    this.#handed = this.#buffer.splice(0, count);
    this.#handedBy = this.#link;
    const bytes = new Uint8Array(size);
    let at = 0;
    const index = this.#handed.map(({ body, id, correlation, replyTo }) => {
      bytes.set(body, at);
      at += body.length;
      return [body.length, id, correlation, replyTo];
    });
    return { index: JSON.stringify(index), bytes };
  }
}

/** @param {string} accessText */
export const consume = (accessText) => new Intake(parsed(accessText));

// --- results ---

/** @type {{ key: string, link: OutletLink } | null} */
let outlet = null; // {key, link}: the connection that stays from one call to the next

/**
 * @param {Access} access
 * @param {string} key
 */
async function linked(access, key) {
  if (outlet && (outlet.key !== key || outlet.link.over)) closeOutlet();
  if (!outlet) outlet = { key, link: await TRANSPORTS[access.transport].outlet(access) };
  return outlet.link;
}

function closeOutlet() {
  outlet?.link.end({ code: '' });
  outlet = null;
}

export const close = () => closeOutlet();

/**
 * Resolves to JSON [[outcome, detail]] in the same order.
 * @param {string} accessText
 * @param {string} indexText [[length, id, queue, replyTo, correlation, headers]] for the run of `bytes`
 * @param {Bytes} bytes
 * @returns {Promise<string>}
 */
export async function publish(accessText, indexText, bytes) {
  const access = parsed(accessText);
  const key = JSON.stringify([access.transport, access.address, access.vhost, access.user, access.password]);
  let at = 0;
  /** @type {[number, string, string, string, string, Record<string, string>][]} */
  const index = JSON.parse(indexText);
  const messages = index.map(([length, id, queue, replyTo, correlation, headers]) => {
    const body = bytes.subarray(at, at + length);
    at += length;
    /** @type {OutgoingResult} */
    const message = { body, id, queue, replyTo, correlation, headers, result: null };
    return message;
  });
  /** @type {Trouble} */
  let trouble = { code: 'lost' };
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const open = messages.filter(({ result }) => !result);
    if (!open.length) break;
    try {
      const link = await linked(access, key);
      await link.send(open, (message, outcome, detail = '') => {
        message.result = [outcome, detail];
      });
      trouble = link.trouble ?? trouble;
    } catch (error) {
      trouble = troubleOf(error);
    }
    if (trouble.final || trouble.code === 'denied' || (trouble.code === 'unsaid' && attempt === 2)) break;
    if (attempt < TRIES && messages.some(({ result }) => !result)) await sleep(pauseAfter(attempt));
  }
  const rest = trouble.code === 'denied' ? 'denied' : 'unknown';
  const why = [trouble.code, trouble.detail].filter(Boolean).join(': ');
  return JSON.stringify(messages.map(({ result }) => result ?? [rest, why]));
}

// --- the test button ---

/**
 * Does once what the intake does, and takes nothing: resolves to a light as JSON.
 * @param {string} accessText
 */
export async function test(accessText) {
  const access = { ...parsed(accessText), prefetch: 1 };
  /**
   * @param {ConnectionState} state
   * @param {Partial<Trouble>} [trouble]
   */
  const light = (state, { code = '', detail = '' } = {}, server = '') =>
    JSON.stringify({ state, trouble: code, detail, reconnects: 0, server, pause: 0 });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(fault({ code: 'unreachable', detail: 'No answer.' })), TEST_MS);
  });
  const opening = TRANSPORTS[access.transport].intake(access, () => {});
  try {
    const link = await Promise.race([opening, late]);
    link.end({ code: '' });
    return light('on', {}, link.server || 'RabbitMQ');
  } catch (error) {
    opening.then((link) => link.end({ code: '' })).catch(() => {});
    return light('stopped', troubleOf(error));
  } finally {
    clearTimeout(timer);
  }
}
