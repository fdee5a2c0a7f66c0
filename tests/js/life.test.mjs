// When Python counts as dead, and what is kept of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pulse, fatal, keptIn, keptWith, reading, reason, trailIn } from '../../static/js/life-signs.mjs';

/** @param {string} item */
const stop = (item, at = 0) => ({ at, task: '', item, error: '', route: '' });

test('Python lives as long as it answers each question', () => {
  const pulse = new Pulse();
  for (let n = 1; n < 100; n += 1) {
    assert.equal(pulse.look(), n);
    pulse.answered(n);
  }
});

test('three looks in a row without an answer are its end, two are not', () => {
  const pulse = new Pulse();
  assert.deepEqual([pulse.look(), pulse.look(), pulse.look()], [1, 0, 0]);
  pulse.answered(1);
  assert.deepEqual([pulse.look(), pulse.look(), pulse.look(), pulse.look()], [2, 0, 0, -1]);
});

test('an answer to an older question is none', () => {
  const pulse = new Pulse();
  pulse.look();
  pulse.answered(1);
  pulse.look();
  pulse.answered(1);
  assert.deepEqual([pulse.look(), pulse.look(), pulse.look()], [0, 0, -1]);
});

test('Pyodide’s own word and errors of WebAssembly are fatal, errors of the program are not', () => {
  assert.equal(fatal({ pyodide_fatal_error: true }), true);
  assert.equal(fatal(new WebAssembly.RuntimeError('unreachable')), true);
  assert.equal(fatal(new Error('Pyodide already fatally failed and can no longer be used.')), true);
  for (const error of [undefined, null, 'text', new Error('said that Pyodide already failed'), new RangeError('x')])
    assert.equal(fatal(error), false);
});

test('the trail is read from memory as it lies there', () => {
  const memory = new Uint8Array(1024);
  const put = (/** @type {number} */ at, /** @type {string} */ text) => {
    const bytes = new TextEncoder().encode(text);
    memory[at] = bytes.length;
    memory.set(bytes, at + 1);
  };
  put(100, 'batch b-1');
  put(356, 'line:answer:ü:4');
  assert.deepEqual(trailIn(memory, 100), { task: 'batch b-1', item: 'line:answer:ü:4' });
});

test('what lies in storage may be anything', () => {
  for (const text of [null, '', '{', '{}', 'null', '7']) assert.deepEqual(keptIn(text), []);
  assert.deepEqual(keptIn('[null]'), [null]);
});

test('of the same death only the last is kept, and fifty at most', () => {
  assert.deepEqual(keptWith([stop('a', 1), null, stop('b', 2)], stop('a', 3)), [null, stop('b', 2), stop('a', 3)]);
  const many = Array.from({ length: 80 }, (_, n) => stop(`item ${n}`));
  const kept = keptWith(many, stop('new'));
  assert.equal(kept.length, 50);
  assert.deepEqual(kept.at(-1), stop('new'));
});

test('the sentence says what was being read, or nothing', () => {
  assert.equal(reading({ task: '', item: 'line:answer:b:1' }), ' while it read a line of an answer file');
  assert.equal(reading({ task: '', item: 'line:segment' }), ' while it read a request');
  assert.equal(reading({ task: 'batch b', item: '' }), ' while it worked on a batch');
  assert.equal(reading({ task: 'poll', item: 'other' }), '');
});

test('a reason is short, whatever was thrown', () => {
  assert.equal(reason(undefined), 'Error: undefined');
  assert.equal(reason(new TypeError('x'.repeat(1000))).length, 300);
});
