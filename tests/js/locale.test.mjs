// What is read of Intl: tests/unit/core/base/test_locale.py has Python write figures and times by it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { locale, localeOf } from '../../static/js/locale.mjs';

/** @type {Record<string, object>} */
const KNOWN = JSON.parse(readFileSync(new URL('../data/locales.json', import.meta.url), 'utf8'));

/**
 * Which space stands before a sign differs with the edition of Unicode's data.
 * @param {object} one
 */
const evenly = (one) => JSON.parse(JSON.stringify(one).replaceAll(/[\u00a0\u202f]/g, ' '));

for (const [tag, known] of Object.entries(KNOWN)) {
  test(`what Intl says of ${tag} is what Python is tested with`, () => {
    assert.deepEqual(evenly(localeOf(tag)), evenly(known));
  });
}

test('digits are ASCII and the calendar is the Gregorian one, also where a language has others', () => {
  for (const tag of ['fa-IR', 'th-TH', 'ar-SA', 'hi-IN-u-nu-deva']) assert.match(localeOf(tag).both, /\{yyyy\}/, tag);
});

test('languages that are none leave the browser’s own', () => {
  Object.defineProperty(globalThis, 'navigator', { value: { languages: ['no such language'] }, configurable: true });
  assert.deepEqual(JSON.parse(locale()), localeOf());
});

test('the first language that is known counts, and is read anew where it is another one', () => {
  const kept = new Map();
  Object.defineProperty(globalThis, 'localStorage', {
    value: { getItem: (/** @type {string} */ name) => kept.get(name) ?? null, setItem: kept.set.bind(kept) },
    configurable: true,
  });
  Object.defineProperty(globalThis, 'navigator', { value: { languages: ['fr-FR'] }, configurable: true });
  assert.equal(locale(), locale());
  assert.equal(kept.size, 1);
  Object.defineProperty(globalThis, 'navigator', { value: { languages: ['de-DE', 'en'] }, configurable: true });
  assert.equal(JSON.parse(locale()).decimal, ',');
});
