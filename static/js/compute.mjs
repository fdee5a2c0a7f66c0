// Workers with a Python of their own, for heavy work. Loaded when the first job is asked for (nightshift.mjs).
//
// A worker is always made from a blob: one from an address would not have the page's policy, and could call any host. On a site its modules come by
// their addresses; in the one file, whose policy allows blobs alone and whose origin on a disk is nobody's, it makes its own blobs of what is posted.
/** @import { Asked, Given, Source, WorkerParts } from './types/protocol.ts' */
import { Pool } from './compute-pool.mjs';

const HOME = '/home/pyodide'; // where PyScript puts the program's files when the sources are served, and tests theirs; a build has nothing there

/** @param {string} path */
const at = (path) => new URL(path, import.meta.url).href;
const oneFile = document.querySelector('script[data-pieces]') !== null; // onefile.js

/**
 * The worker's first text: takes the parts, and brings in compute-worker.mjs. It has the page's policy, so its own workers are of blobs alone (policy.js).
 * Pyodide tells a classic worker by its importScripts, and refuses it.
 * @param {boolean} classic
 */
const first = (classic) => `${classic ? "self.importScripts = () => { throw new TypeError('no'); };" : ''}
self.trustedTypes?.createPolicy('default', { createScriptURL: (address) => (address.startsWith('blob:') ? address : null) });
onmessage = async ({ data }) => {
  onmessage = null;
  try {
    const [worker, boot, nightshift] = ['worker', 'boot', 'nightshift'].map((name) => {
      if (!data.modules[name]) return '';
      const [address, bytes] = data.modules[name];
      const head = 'const nightshiftAddress=' + JSON.stringify(address) + ';';
      return bytes ? URL.createObjectURL(new Blob([head, bytes], { type: 'text/javascript' })) : address;
    });
    await (await import(worker)).begin(data, await import(boot), nightshift && (await import(nightshift)));
  } catch (error) {
    postMessage({ type: 'refused', reason: String(error?.message ?? error) });
  }
};`;

/** @param {string} address */
const bytesAt = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`This file did not load: ${address}`);
  return new Uint8Array(await response.arrayBuffer());
};

/**
 * @param {string} path
 * @returns {Promise<Source>}
 */
const source = async (path) => [at(path), oneFile ? await bytesAt(at(path)) : undefined];

/**
 * The program's files as PyScript has put them.
 * @param {any} FS
 * @param {string} folder
 * @returns {[string, Uint8Array][]}
 */
const filesIn = (FS, folder) =>
  FS.readdir(folder)
    .filter((/** @type {string} */ name) => !name.startsWith('.') && name !== '__pycache__')
    .flatMap((/** @type {string} */ name) => {
      const path = `${folder}/${name}`;
      return FS.isDir(FS.stat(path).mode) ? filesIn(FS, path) : [[path, FS.readFile(path)]];
    });

/** Answers for the build's files, which in the one file only the page has. */
function answering() {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = async ({ data }) => {
    const { n, address } = /** @type {Asked} */ (data);
    const found = await bytesAt(address).catch(() => undefined);
    /** @type {Given} */
    const given = { n, data: found };
    port1.postMessage(given, found ? [found.buffer] : []);
  };
  return port2;
}

/**
 * @param {string} table the module of the table of jobs
 * @param {boolean} fenced for people's own Python: it is given nothing by which it could ask for more
 * @returns {Promise<WorkerParts>}
 */
async function parts(table, fenced) {
  if (fenced && !document.querySelector('meta[http-equiv="Content-Security-Policy"]')) throw new Error('This page has no policy.');
  const boot = await import('../vendor/boot.mjs'); // it is there already
  const [worker, loader, nightshift, library, archive, python] = await Promise.all([
    source('./compute-worker.mjs'),
    source('../vendor/boot.mjs'),
    fenced ? undefined : source('./nightshift.mjs'),
    bytesAt(at('../vendor/pyodide/stdlib.zip')),
    boot.unpacked(),
    boot.python(),
  ]);
  if (!boot.compiled) throw new Error("The page's WebAssembly module is not known.");
  return {
    modules: { worker, boot: loader, nightshift },
    compiled: boot.compiled,
    library,
    archive,
    files: filesIn(python.FS, HOME),
    packages: archive ? [] : Object.keys(python.loadedPackages),
    table,
    fenced,
    asks: oneFile && !fenced ? answering() : undefined,
  };
}

const make = () => {
  const address = URL.createObjectURL(new Blob([first(oneFile)], { type: 'text/javascript' }));
  try {
    return new Worker(address, oneFile ? {} : { type: 'module' });
  } finally {
    setTimeout(() => URL.revokeObjectURL(address), 60_000); // it is read soon, and not at once
  }
};

const LONGEST_WORD = 1_000_000; // characters that are taken from a worker behind the fence at once: bulk comes as a Blob

/**
 * Workers that know the jobs of a table.
 * @param {string} table
 */
export function pool(table, fenced = false) {
  const pool = new Pool(make, () => parts(table, fenced), fenced ? LONGEST_WORD : Number.POSITIVE_INFINITY);
  addEventListener('nightshift:died', () => pool.close());
  return pool;
}
