// Files that the person gives and takes, as large as the disk allows: gzip by the browser's own streams, in slices, and never a whole file in memory.
/** @import { Bytes } from './types/protocol.ts' */
import { aboutError, failure } from './errors.mjs';
import { turn } from './platform.mjs';

const SLICE = 16 * 1024; // bytes that are packed or unpacked at a stretch: about 1 ms
const PIECE = 4 * 1024 * 1024; // packed bytes that are gathered before they are handed to a Blob, which may lie on the disk
const COPIED = 256 * 1024; // bytes that are only copied, likewise
const READ = 1024 * 1024;
const PART = 256 * 1024; // unpacked bytes handed over at a time
const TURN_MS = 6;
const KEPT = 4;

// --- files that were picked: Python knows them by a token ---

/** @type {Map<string, Blob>} */
const files = new Map();
/** @type {string[][]} */
const givings = []; // the tokens of the files that came together
let count = 0;

/**
 * The tokens of files that came together, and behind them that of all of them as one. Only those of the last few times are kept: a file that is asked for later was let go of.
 * @param {Blob[]} given
 */
export function keep(given) {
  const all = [...given, new Blob(given)]; // the last: all of them one after another, of which nothing is copied
  const tokens = all.map(() => `file-${++count}`);
  for (const [n, token] of tokens.entries()) files.set(token, /** @type {Blob} */ (all[n]));
  givings.push(tokens);
  for (const old of givings.splice(0, givings.length - KEPT).flat()) files.delete(old);
  return tokens;
}

/** @param {string} token */
export const picked = (token) => files.get(token);

// --- packing ---

class Packing {
  #writer;
  #packed;
  #slice;
  #began = performance.now();

  /**
   * @param {{ writable: WritableStream<BufferSource>, readable: ReadableStream<Bytes> }} stream
   * @param {number} slice
   */
  constructor({ writable, readable }, slice) {
    this.#slice = slice;
    this.#writer = writable.getWriter();
    this.#packed = gathered(readable);
    this.#packed.catch(() => {}); // told by finish
  }

  /** @param {Bytes} data */
  async write(data) {
    for (let at = 0; at < data.length; at += this.#slice) {
      await this.#writer.write(data.subarray(at, at + this.#slice));
      if (performance.now() - this.#began > TURN_MS) {
        await turn();
        this.#began = performance.now();
      }
    }
  }

  async finish() {
    await this.#writer.close();
    return this.#packed;
  }

  abort() {
    this.#writer.abort().catch(() => {}); // it has ended
  }
}

/** @param {ReadableStream<Bytes>} readable */
async function gathered(readable) {
  /** @type {Blob[]} */
  const parts = [];
  /** @type {Bytes[]} */
  let held = [];
  let size = 0;
  const put = () => {
    parts.push(new Blob(held));
    held = [];
    size = 0;
  };
  const reader = readable.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    held.push(value);
    size += value.length;
    if (size >= PIECE) put();
  }
  put();
  return new Blob(parts);
}

export const pack = () => new Packing(/** @type {any} */ (new CompressionStream('gzip')), SLICE);

// The same, of what is written as it is.
export const gather = () => new Packing(new TransformStream(), COPIED);

// --- a file that the person chose a place for, written as it is made ---

/** @typedef {{ showSaveFilePicker?: (options: object) => Promise<FileSystemFileHandle> }} WithPicker */

// In the one file a worker has another origin than the page, and no handle crosses.
export const asksWhere = () =>
  location.protocol !== 'file:' && typeof (/** @type {WithPicker} */ (globalThis).showSaveFilePicker) === 'function';

/**
 * Must be called while the person's press is being handled. Nothing where they chose no place.
 * @param {string} name
 * @param {string} type
 */
export async function choosePlace(name, type) {
  const ending = name.slice(name.lastIndexOf('.'));
  try {
    return await /** @type {WithPicker} */ (globalThis).showSaveFilePicker?.({
      suggestedName: name,
      types: [{ accept: { [type]: [ending] } }],
    });
  } catch (error) {
    const { name, message } = aboutError(error);
    if (name === 'AbortError') return undefined;
    throw failure('FileUnreadable', message);
  }
}

// What is written lies apart from the file until it is whole (FileSystemWritableFileStream): what was there before stays until then.
class Streaming {
  #handle;
  #stream;

  /** @param {FileSystemFileHandle} handle */
  constructor(handle) {
    this.#handle = handle;
    this.#stream = handle.createWritable();
    this.#stream.catch(() => {}); // told by write
  }

  /** @param {Bytes} data */
  write(data) {
    return told(async () => (await this.#stream).write(data));
  }

  finish() {
    return told(async () => {
      await (await this.#stream).close();
      return this.#handle.getFile();
    });
  }

  abort() {
    this.#stream.then((stream) => stream.abort()).catch(() => {}); // it has ended
  }
}

/**
 * @template T
 * @param {() => Promise<T>} work
 */
async function told(work) {
  try {
    return await work();
  } catch (error) {
    const { name, message } = aboutError(error);
    throw failure('FileUnwritten', name === 'QuotaExceededError' ? 'The disk is full.' : message);
  }
}

/** @param {FileSystemFileHandle} handle */
export const stream = (handle) => new Streaming(handle);

/**
 * Nothing came of it: the empty file that the browser made when the place was chosen goes. One that was there before stays as it was.
 * @param {FileSystemFileHandle & { remove?: () => Promise<void> }} handle
 */
export async function leavePlace(handle) {
  try {
    if ((await handle.getFile()).size === 0) await handle.remove?.();
  } catch {
    // it is gone, or the browser cannot remove it: an empty file stays
  }
}

// --- unpacking ---

class Unpacking {
  done = 0; // bytes of the file that were read
  #reader;
  #writer;
  #fed;
  /** @type {unknown} */
  #unreadable;
  #strange = true; // until it begins as gzip data do

  /** @param {Blob} blob */
  constructor(blob) {
    const { writable, readable } = new DecompressionStream('gzip');
    this.#writer = writable.getWriter();
    this.#reader = readable.getReader();
    this.#fed = this.#feed(blob);
    this.#fed.catch(() => {}); // the reader is told
  }

  /** @param {Blob} blob */
  async #feed(blob) {
    for (let at = 0; at < blob.size; at += READ) {
      let data;
      try {
        data = new Uint8Array(await blob.slice(at, at + READ).arrayBuffer());
      } catch (error) {
        this.#unreadable = error;
        await this.#writer.abort(error);
        throw error;
      }
      if (at === 0) this.#strange = data[0] !== 0x1f || data[1] !== 0x8b;
      for (let from = 0; from < data.length; from += SLICE) {
        await this.#writer.write(data.subarray(from, from + SLICE));
        this.done = at + Math.min(from + SLICE, data.length);
      }
    }
    await this.#writer.close();
  }

  /**
   * About PART bytes; nothing at the end.
   * @returns {Promise<Bytes | undefined>}
   */
  async next() {
    /** @type {Bytes[]} */
    const parts = [];
    let size = 0;
    try {
      while (size < PART) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        parts.push(value);
        size += value.length;
      }
    } catch (error) {
      if (this.#unreadable) {
        const { name, message } = aboutError(this.#unreadable);
        throw failure('FileUnreadable', `${name}: ${message}`);
      }
      throw failure(this.#strange ? 'FileStrange' : 'FileDamaged', aboutError(error).message);
    }
    await turn();
    if (!size) return undefined;
    const whole = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  abort() {
    this.#reader.cancel().catch(() => {}); // it has ended
  }
}

/** @param {Blob} blob */
export const unpack = (blob) => new Unpacking(blob);
