// The folder that the person lets the page read and write (File System Access). Its handle lies in the database, where only this browser can use it.
//
// Python awaits these, so they reject only with native Errors; what names no Error of ours is the browser's word for what went wrong.
/** @import { Bytes } from './types/protocol.ts' */
/** @import { Vault } from './vault.mjs' */
import { aboutError } from './errors.mjs';

const HANDLE = 'folder';
const MODE = /** @type {const} */ ({ mode: 'readwrite' });

/** @type {Record<string, string>} */
const WORDS = {
  NotFoundError: 'It is not there any more.',
  NotAllowedError: 'The browser does not let this page.',
  NoModificationAllowedError: 'Another program, or another tab, is writing it.',
  InvalidModificationError: 'It changed meanwhile.',
  NotReadableError: 'The browser cannot read it; it may have changed meanwhile.',
  QuotaExceededError: 'The disk is full.',
  TypeMismatchError: 'A folder has that name.',
  TypeError: 'The browser does not allow this file name.',
  SecurityError: 'The browser does not let this page.',
};

/** @param {unknown} error */
const nameOf = (error) => aboutError(error).name;

/** @param {unknown} error */
const wordOf = (error) => {
  const { name, message } = aboutError(error);
  return WORDS[name] ?? (name === 'Error' ? message : `${name}.`); // an Error without a name of its own is ours
};

/**
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 */
async function guarded(what, work) {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${what}: ${wordOf(error)}`);
  }
}

/**
 * Nothing where what lies there is no handle (a damaged record): then the folder is chosen again.
 * @param {Vault} vault
 * @returns {Promise<FileSystemDirectoryHandle | undefined>}
 */
const handleOf = async (vault) => {
  const handle = (await vault.get(HANDLE))?.handle;
  return typeof handle?.isSameEntry === 'function' ? handle : undefined;
};

/**
 * The folder that was picked as [name, whether it is the one that was picked last]; nothing when none was picked.
 * @param {Vault} vault
 */
export const choose = (vault) =>
  guarded('The folder', async () => {
    /** @type {FileSystemDirectoryHandle} */
    let handle;
    try {
      handle = await globalThis.showDirectoryPicker({ id: 'nightshift', ...MODE });
    } catch (error) {
      if (nameOf(error) === 'AbortError') return undefined;
      throw error;
    }
    const before = await handleOf(vault);
    const same = Boolean(before && (await handle.isSameEntry(before)));
    await vault.put({ id: HANDLE, handle });
    return [handle.name, same];
  });

/** @param {Vault} vault */
export const ask = (vault) =>
  guarded('The folder', async () => {
    const handle = await handleOf(vault);
    return handle !== undefined && (await handle.requestPermission(MODE)) === 'granted';
  });

/**
 * none, locked, gone or open.
 * @param {Vault} vault
 */
export const state = (vault) =>
  guarded('The folder', async () => {
    const handle = await handleOf(vault);
    if (!handle) return 'none';
    if ((await handle.queryPermission(MODE)) !== 'granted') return 'locked';
    try {
      await handle.values().next();
      return 'open';
    } catch {
      return 'gone';
    }
  });

/** @param {Vault} vault */
async function opened(vault) {
  const handle = await handleOf(vault);
  if (!handle) throw new Error('None was chosen.');
  return handle;
}

/**
 * @param {FileSystemHandle} handle
 * @returns {handle is FileSystemFileHandle}
 */
const isFile = (handle) => handle.kind === 'file';

/**
 * JSON text: [[name, size, modified, why it cannot be read], …]. One that cannot be read keeps no other from the list.
 * @param {Vault} vault
 */
export const look = (vault) =>
  guarded('The folder', async () => {
    /** @type {[name: string, size: number, modified: number, why: string][]} */
    const found = [];
    for await (const handle of (await opened(vault)).values()) {
      if (!isFile(handle) || !handle.name.toLowerCase().endsWith('.jsonl')) continue;
      try {
        const file = await handle.getFile();
        found.push([handle.name, file.size, file.lastModified, '']);
      } catch (error) {
        if (nameOf(error) === 'NotFoundError') continue; // it went between the listing and now, or is a link that leads nowhere
        found.push([handle.name, 0, 0, wordOf(error)]);
      }
    }
    return JSON.stringify(found);
  });

/**
 * The file's bytes from `start` to `stop`.
 * @param {Vault} vault
 * @param {string} name
 * @param {number} start
 * @param {number} stop
 */
export const read = (vault, name, start, stop) =>
  guarded(`The file ${name}`, async () => {
    const handle = await (await opened(vault)).getFileHandle(name);
    const blob = (await handle.getFile()).slice(start, stop);
    return new Uint8Array(await blob.arrayBuffer());
  });

/**
 * Writes from `at` on (-1: behind what is there); the size afterwards. The browser writes into a copy and puts it in place when it is closed: all of
 * it or nothing.
 * @param {Vault} vault
 * @param {string} name
 * @param {number} at
 * @param {Bytes} bytes
 */
export const write = (vault, name, at, bytes) =>
  guarded(`The file ${name}`, async () => {
    const handle = await (await opened(vault)).getFileHandle(name, { create: true });
    const { size } = await handle.getFile();
    const start = at < 0 ? size : Math.min(at, size);
    if (start === size && !bytes.length) return size;
    const stream = await handle.createWritable({ keepExistingData: true });
    try {
      await stream.truncate(start);
      await stream.write({ type: 'write', position: start, data: bytes });
      await stream.close();
    } catch (error) {
      await stream.abort().catch(() => {});
      throw error;
    }
    return start + bytes.length;
  });
