// The fence around Python that a person wrote (compute-worker.mjs, app/fenced.py): what its worker could reach the network, the store, other workers, the
// page or the machine by is taken away before any of it runs. What stays is named; everything else goes, also what browsers do not have yet.
//
// It is a fence, and no proof against malice: what still holds the worker is the page's policy, which it has because it is made from a blob.

// The language itself.
const LANGUAGE = `globalThis undefined NaN Infinity Object Function Array Number Boolean String Symbol BigInt Math JSON Date RegExp Promise Proxy Reflect
  Intl Temporal Map Set WeakMap WeakSet WeakRef FinalizationRegistry Iterator AsyncIterator DisposableStack AsyncDisposableStack Atomics
  ArrayBuffer SharedArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array BigInt64Array
  BigUint64Array Float16Array Float32Array Float64Array Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError
  SuppressedError InternalError isFinite isNaN parseFloat parseInt encodeURI encodeURIComponent decodeURI decodeURIComponent escape unescape`;

// What a running Pyodide asks for: timers, clocks, random numbers, texts and bytes.
const RUNNING = `self console WebAssembly setTimeout clearTimeout setInterval clearInterval queueMicrotask performance crypto TextEncoder TextDecoder
  Blob AbortController AbortSignal DOMException MessageChannel MessagePort Event EventTarget`;

const KEPT = new Set(`${LANGUAGE} ${RUNNING}`.split(/\s+/));

/**
 * The scope and what it inherits from, but for what every object does.
 * @param {object} scope
 */
function* chain(scope) {
  for (let one = scope; one && one !== Object.prototype; one = Object.getPrototypeOf(one)) yield one;
}

// A number or a text that a browser lets nobody delete (Chromium's TEMPORARY) leads nowhere.
/**
 * @param {object} one
 * @param {string} name
 */
const leads = (one, name) => {
  const { get, set, value } = Object.getOwnPropertyDescriptor(one, name) ?? {};
  return Boolean(get || set) || typeof value === 'function' || (typeof value === 'object' && value !== null);
};

/** @param {object} scope */
const foreign = (scope) =>
  [...chain(scope)].flatMap((one) => Object.getOwnPropertyNames(one).filter((name) => !KEPT.has(name) && leads(one, name)));

/**
 * Takes away all but the names above, for good. Throws where something cannot be taken away: then nothing may run behind it.
 * @param {object} scope the worker's
 */
export function fence(scope) {
  for (const one of chain(scope)) {
    for (const name of Object.getOwnPropertyNames(one)) if (!KEPT.has(name)) Reflect.deleteProperty(one, name);
  }
  const left = foreign(scope);
  if (left.length) throw new Error(`These could not be taken away: ${left.join(', ')}`);
}
