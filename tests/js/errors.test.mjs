// Errors by name: what Python is told, whatever was thrown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSED, aboutError, failure, translated } from '../../static/js/errors.mjs';

test('an error that is named as the protocol says goes through as it is', () => {
  for (const name of /** @type {const} */ (['Conflict', 'IllegalMove', 'StorageFull', 'StorageLost', 'MissingBytes'])) {
    const error = failure(name, 'why');
    assert.equal(translated(error), error);
  }
});

test('a full disk is told as such, however deep the database wrapped it', () => {
  const full = { name: 'QuotaExceededError' };
  for (const error of [full, { name: 'AbortError', inner: full }, { name: 'BulkError', inner: { name: 'AbortError', inner: full } }]) {
    assert.equal(translated(error).name, 'StorageFull');
  }
});

test('errors that hold each other end nevertheless', () => {
  /** @type {{ name: string, inner?: object }} */
  const error = { name: 'Loop' };
  error.inner = error;
  assert.equal(translated(error).name, 'StorageLost');
});

test('a closed database says what to do, and why when that is known', () => {
  assert.equal(translated({ name: 'DatabaseClosedError' }).message, CLOSED);
  assert.equal(translated({ name: 'DatabaseClosedError' }, 'Another tab.').message, 'Another tab.');
});

test('whatever is thrown becomes a native Error that names it', () => {
  for (const thrown of [undefined, null, 7, 'text', {}, { name: 5, message: null }, Symbol('s'), new TypeError('odd'), []]) {
    const error = translated(thrown);
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'StorageLost');
    assert.ok(error.message.startsWith("The browser's storage failed ("), error.message);
  }
  assert.match(translated(new TypeError('odd')).message, /TypeError: odd/);
});

test('name and message are texts, whatever was thrown', () => {
  assert.deepEqual(aboutError('text'), { name: 'unknown', message: 'text' });
  assert.deepEqual(aboutError(undefined), { name: 'unknown', message: 'undefined' });
  assert.deepEqual(aboutError(new RangeError('far')), { name: 'RangeError', message: 'far' });
});
