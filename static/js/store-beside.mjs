// Writing and reading much beside a worker's Python, by a worker of its own (store-worker.mjs) to which the bytes are moved. It is begun when it is first
// worth it; until it is there, and where the browser gives none, the thread that asks does it itself.
/** @import { Bytes, Change, Moves } from './types/protocol.ts' */
import { Asking } from './asking.mjs';
import { failure } from './errors.mjs';

const STOPPED = 'what writes for it stopped';

/**
 * The first text of a worker from an address, which keeps what is said to it until its module is there. The policy lets it be brought in so, and not by a
 * static import.
 * @param {string} address
 */
const first = (address) => `globalThis.early = []; onmessage = (event) => early.push(event); import(${JSON.stringify(address)});`;

/**
 * Of the build's text, which imports nothing and may lie in the one file; of the sources by their address.
 * @returns {Promise<Worker>}
 */
async function begun() {
  const address = new URL('./store-worker.mjs', import.meta.url);
  const response = await fetch(address);
  if (!response.ok) throw new Error(STOPPED);
  const text = await response.text();
  const whole = !/^import /m.test(text);
  const made = URL.createObjectURL(new Blob([whole ? text : first(address.href)], { type: 'text/javascript' }));
  const worker = new Worker(made, whole ? {} : { type: 'module' });
  setTimeout(() => URL.revokeObjectURL(made), 60_000); // it is read soon, and not at once
  return worker;
}

export class StoreBeside {
  #open;
  /** @type {Asking | undefined} */
  #asking;
  #state = 'idle';

  /**
   * @param {string} name of the database, which is open
   * @param {Moves} moves
   */
  constructor(name, moves) {
    this.#open = { name, moves };
  }

  // Whether it can be asked; it is begun with the first time.
  ready() {
    if (this.#state === 'idle') {
      this.#state = 'begins';
      this.#begin().then(
        () => {
          if (this.#state === 'begins') this.#state = 'ready';
        },
        () => this.end(),
      );
    }
    return this.#state === 'ready';
  }

  async #begin() {
    this.#asking = new Asking(await begun(), STOPPED);
    if (this.#state !== 'begins') return this.end();
    await this.#ask({ open: this.#open });
  }

  /**
   * @param {import('./store-worker.mjs').Question} question
   * @param {Transferable[]} [moved]
   */
  async #ask(question, moved) {
    const asking = this.#asking;
    if (!asking) throw failure('StorageLost', STOPPED);
    let said;
    try {
      said = await asking.ask(question, moved);
    } catch (error) {
      this.end();
      throw error;
    }
    if (said.failed) {
      const error = new Error(said.failed.message);
      error.name = said.failed.name;
      throw error;
    }
    return said.done;
  }

  /**
   * @param {Change[]} list
   * @param {Bytes[]} buffers they are moved
   * @returns {Promise<void>}
   */
  commit(list, buffers) {
    return this.#ask({ list, buffers }, [...new Set(buffers.map((one) => one.buffer))]);
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<(Bytes | undefined)[]>}
   */
  runs(ids) {
    return this.#ask({ ids });
  }

  end() {
    this.#state = 'ended';
    this.#asking?.end(STOPPED);
    this.#asking = undefined;
  }
}
