// The program's JavaScript in a worker: compute-worker.mjs hands the same module to a Python that has no page.
import assert from 'node:assert/strict';
import { test } from 'node:test';

test('the modules load where there is no document', async () => {
  assert.equal(typeof globalThis.document, 'undefined');
  // of a worker's globals these are what Node lacks
  globalThis.addEventListener = () => {};
  if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {} });
  globalThis.location = /** @type {any} */ ({ protocol: 'https:', href: 'https://example.org/static/js/' });
  const { page, store } = await import('../../static/js/nightshift.mjs');
  assert.equal(typeof store.open, 'function');
  await page.breathe();
});
