// The program's JavaScript as one module: what Python gets as `pyscript.js_modules.nightshift`. The build makes one file of it (tools/pack.mjs).
export * as calls from './http-calls.mjs';
export * as http from './http.mjs';
export * as life from './life.mjs';
export * as page from './page.mjs';
export * as store from './store.mjs';
export * as updates from './updates.mjs';

// RabbitMQ is a module of its own, brought in when it is first needed: the start does not wait for what most pages never use.
export const broker = () => import('./broker.mjs');

// The line to the local server's mailbox, likewise. Whether there is one says a cookie that the server sends with the page: to ask a host that has
// none would be an error in its console.
export const mailbox = () => import('./mailbox.mjs');
export const served = () => location.protocol.startsWith('http') && /(?:^|;\s*)nightshift-server=1(?:;|$)/.test(document.cookie);

// Python's libraries that most pages never use (app/adapters/libraries.py), as zips of modules: from the page's own folder, or from the one file.
/** @param {string} name */
export const library = async (name) => {
  const response = await fetch(new URL(`../vendor/${name}.zip`, import.meta.url)).catch(() => null);
  if (!response?.ok) throw new Error('A part of Nightshift that this needs did not load. Look at the connection, and try again.');
  return new Uint8Array(await response.arrayBuffer());
};

// Workers that compute, likewise.
export const compute = () => import('./compute.mjs');

// Parquet files, likewise: each is read in a worker of its own.
export const parquet = () => import('./parquet.mjs');

// Tokens, likewise: a worker for each encoding.
export const tokens = () => import('./tokens.mjs');

// A watched folder, likewise.
export const folder = () => import('./folder.mjs');
export const watches = () => typeof globalThis.showDirectoryPicker === 'function';
