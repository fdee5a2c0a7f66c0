// Counting tokens for Python: a worker for each encoding, made of the bundle's text (static/vendor/tokens-*.mjs), which is fetched when it is first needed.
const MISSING = 'A part of Nightshift that this needs did not load. Look at the connection, and try again.';
const ADDRESSES = {
  o200k_base: new URL('../vendor/tokens-o200k.mjs', import.meta.url),
  cl100k_base: new URL('../vendor/tokens-cl100k.mjs', import.meta.url),
};

/** One worker. Python awaits its method: it rejects with native Errors, whose messages are sentences for people. */
class Tokenizer {
  #worker;
  #asked = 0;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();

  /** @param {Worker} worker */
  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data: { id, value, error } }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      for (const { reject } of this.#waiting.values()) reject(new Error('The tokens could not be counted: their counter stopped.'));
      this.#waiting.clear();
    };
  }

  /**
   * How many tokens each text has; text i ends before byte ends[i].
   * @param {Uint8Array} bytes a copy: it goes to the worker
   * @param {Uint32Array} ends likewise
   * @returns {Promise<Uint32Array>}
   */
  counts(bytes, ends) {
    return new Promise((resolve, reject) => {
      this.#asked += 1;
      this.#waiting.set(this.#asked, { resolve, reject });
      this.#worker.postMessage({ id: this.#asked, bytes, ends }, [bytes.buffer, ends.buffer]);
    });
  }

  close() {
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error('The tokens were not counted: it was called off.'));
    this.#waiting.clear();
  }
}

/** @param {keyof typeof ADDRESSES} encoding */
export async function open(encoding) {
  const response = await fetch(ADDRESSES[encoding]).catch(() => null);
  if (!response?.ok) throw new Error(MISSING);
  const address = URL.createObjectURL(new Blob([await response.arrayBuffer()], { type: 'text/javascript' }));
  const worker = new Worker(address);
  URL.revokeObjectURL(address);
  return new Tokenizer(worker);
}
