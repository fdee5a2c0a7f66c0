// In a worker: starts a Python like the page's, with the same modules, and hands jobs to it (app/worker.py). compute.mjs makes the worker.
/** @import { Asked, FromWorker, Given, JobInput, ToWorker, WorkerParts } from './types/protocol.ts' */
import { fence } from './fence.mjs';
import { fatal, reason } from './life-signs.mjs';
import { order } from './ordering.mjs';

// Kept from the start: the fence takes these from everybody else.
const [send, close] = [globalThis.postMessage.bind(globalThis), globalThis.close.bind(globalThis)];

/**
 * @param {FromWorker} said
 */
const tell = (said) => send(said);

// In the one file the build's files are where the page is: it is asked for them. On a site they are fetched as in the page.
/** @param {WorkerParts} parts */
function beside({ asks, modules }) {
  if (!asks) return;
  const network = globalThis.fetch;
  const folder = new URL('../../', modules.boot[0]).href;
  /** @type {Map<number, (data: Given['data']) => void>} */
  const waiting = new Map();
  let count = 0;
  asks.onmessage = ({ data }) => {
    const given = /** @type {Given} */ (data);
    waiting.get(given.n)?.(given.data);
    waiting.delete(given.n);
  };
  globalThis.fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : `${input}`;
    if (!address.startsWith(folder)) return network(input, init);
    count += 1;
    /** @type {Asked} */
    const asked = { n: count, address };
    /** @type {Promise<Given['data']>} */
    const found = new Promise((resolve) => waiting.set(asked.n, resolve));
    asks.postMessage(asked);
    const data = await found;
    if (!data) throw new TypeError(`This file is not in the page: ${address}`);
    return new Response(data);
  };
}

// Pyodide fetches its wasm and its library; both have been posted.
/** @param {WorkerParts} parts */
function answer({ compiled, library }) {
  const network = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : `${input}`;
    if (address.endsWith('.wasm')) return new Response(null, { headers: { 'Content-Type': 'application/wasm' } });
    if (address.endsWith('/stdlib.zip')) return new Response(library);
    return network(input, init);
  };
  WebAssembly.instantiateStreaming = async (source, imports) => {
    await source;
    return { module: compiled, instance: await WebAssembly.instantiate(compiled, imports) };
  };
  return () => {
    globalThis.fetch = network;
  };
}

/**
 * @param {WorkerParts} parts
 * @param {typeof import('./boot.mjs')} boot
 * @param {object} [nightshift] the program's JavaScript, as the page's Python has it; a worker behind the fence has none
 */
export async function begin(parts, boot, nightshift) {
  beside(parts);
  const restore = answer(parts);
  const python = await boot.begin(parts.archive);
  const { FS } = python;
  for (const [path, data] of parts.files) {
    FS.mkdirTree(path.slice(0, path.lastIndexOf('/')));
    FS.writeFile(path, data);
  }
  if (parts.packages.length) await python.loadPackage(parts.packages, { messageCallback: () => {} });
  restore();

  let dead = false;
  /** @param {unknown} error */
  const died = (error) => {
    if (dead) return;
    dead = true;
    tell({ type: 'died', reason: reason(error) });
    close();
  };
  /** @type {any} */
  const inner = python; // and of it also what it does not declare
  inner._api.on_fatal = died;
  addEventListener('error', (event) => {
    if (fatal(event.error)) died(event.error);
  });
  addEventListener('unhandledrejection', (event) => {
    if (fatal(event.reason)) died(event.reason);
  });

  const reader = new FileReaderSync();
  // What Python has in the place of PyScript's module.
  const worker = {
    /** @param {(text: string, inputs: JobInput[]) => void} receive */
    listen: (receive) => {
      globalThis.onmessage = ({ data }) => {
        const { text, inputs = [] } = /** @type {ToWorker} */ (data);
        try {
          receive(text, inputs);
        } catch (error) {
          died(error);
        }
      };
    },
    /** @param {string} text */
    moved: (text) => tell({ type: 'moved', text }),
    /**
     * @param {string} text
     * @param {Blob} [blob]
     */
    ended: (text, blob) => {
      try {
        tell({ type: 'ended', text, blob, memory: inner._module.HEAPU8.length });
      } catch (error) {
        died(error); // else somebody would wait for ever
      }
    },
    /**
     * These bytes of a file, at once.
     * @param {Blob} blob
     * @param {number} start
     * @param {number} stop
     */
    read: (blob, start, stop) => new Uint8Array(reader.readAsArrayBuffer(blob.slice(start, stop))),
    order: (/** @type {Parameters<typeof order>} */ ...given) => new Uint8Array(order(...given).buffer),
    fence: () => fence(globalThis),
  };
  const { modules } = python.pyimport('sys');
  modules.set('pyscript', {});
  modules.set('pyscript.js_modules', nightshift ? { nightshift, worker } : { worker });
  try {
    python.pyimport(parts.fenced ? 'app.fenced' : 'app.worker').start(parts.table);
  } catch (error) {
    tell({ type: 'refused', reason: reason(error).trim().split('\n').at(-1) ?? '' }); // who made the worker cannot say it any more, behind the fence
    return;
  }
  tell({ type: 'ready' });
}
