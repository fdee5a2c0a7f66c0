// A worker that answers questions one by one, made of a bundle's text (static/vendor), which is fetched when it is first needed. Always from a blob: one
// from an address would not have the page's policy.
const MISSING = 'A part of Nightshift that this needs did not load. Look at the connection, and try again.';

/**
 * @param {URL} bundle
 * @returns {Promise<Worker>} Rejects with a sentence for people.
 */
export async function workerOf(bundle) {
  const response = await fetch(bundle).catch(() => null);
  if (!response?.ok) throw new Error(MISSING);
  const address = URL.createObjectURL(new Blob([await response.arrayBuffer()], { type: 'text/javascript' }));
  const worker = new Worker(address);
  URL.revokeObjectURL(address);
  return worker;
}

/** Questions to a worker that answers {id, value} or {id, error}. They reject with native Errors, whose messages are sentences for people. */
export class Asking {
  #worker;
  #asked = 0;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();

  /**
   * @param {Worker} worker
   * @param {string} stopped what is said where the worker breaks down
   */
  constructor(worker, stopped) {
    this.#worker = worker;
    worker.onmessage = ({ data: { id, value, error } }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#refuse(stopped);
    };
  }

  /**
   * @param {object} question
   * @param {Transferable[]} moved of it
   * @returns {Promise<any>}
   */
  ask(question, moved = []) {
    return new Promise((resolve, reject) => {
      this.#asked += 1;
      this.#waiting.set(this.#asked, { resolve, reject });
      this.#worker.postMessage({ id: this.#asked, ...question }, moved);
    });
  }

  /** @param {string} [reason] what is said to those who still wait; nothing where nobody does */
  end(reason) {
    this.#worker.terminate();
    if (reason) this.#refuse(reason);
  }

  /** @param {string} reason */
  #refuse(reason) {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }
}
