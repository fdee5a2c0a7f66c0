// Errors whose names are the protocol with Python (types/protocol.ts, ErrorName). Python awaits promises that must reject with nothing but native
// Errors: anything else would hang it for ever.
/** @import { ErrorName } from './types/protocol.ts' */

/**
 * @param {ErrorName} name
 * @param {string} message
 */
export function failure(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

/**
 * The name and the message of whatever was thrown.
 * @param {unknown} thrown
 * @returns {{ name: string, message: string }}
 */
export function aboutError(thrown) {
  const { name, message } = /** @type {{ name?: unknown, message?: unknown }} */ (thrown ?? {});
  return { name: String(name ?? 'unknown'), message: String(message ?? thrown) };
}

const OURS = new Set(['Conflict', 'IllegalMove', 'StorageFull', 'StorageLost', 'MissingBytes']);
const DEEPEST = 5; // errors within errors that are looked at

export const CLOSED = 'The browser closed the database, perhaps because its data were cleared. Reload this page.';

/**
 * What the store's promises reject with, whatever the database threw. `lost`: why it is known to be gone.
 * @param {unknown} error
 */
export function translated(error, lost = '') {
  if (error instanceof Error && OURS.has(error.name)) return error;
  let inner = /** @type {any} */ (error);
  for (let depth = 0; inner && depth < DEEPEST; depth++) {
    if (inner.name === 'QuotaExceededError') return failure('StorageFull', 'The browser has no space left for this page.');
    inner = inner.inner;
  }
  const { name, message } = aboutError(error);
  const why = lost || (name === 'DatabaseClosedError' ? CLOSED : '');
  return failure('StorageLost', why || `The browser's storage failed (${name}: ${message}).`);
}
