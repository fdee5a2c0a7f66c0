// How figures and times are written here, read from Intl once: Python writes them so (app/core/base/locale.py says what the names mean).
// Digits are those of ASCII and the calendar is the Gregorian one, also where a language has others: the page's words are English.
/** @import { FoundLocale } from './types/protocol.ts' */

const LATIN = { numberingSystem: 'latn' };
const MORNING = new Date(Date.UTC(2026, 7, 9, 9, 5));
const EVENING = new Date(Date.UTC(2026, 7, 9, 21, 5));
const MARKS = /[\u200e\u200f\u061c{}]/g; // direction marks of Arabic and Hebrew: around one figure they would move what stands beside it
const RIGHT_TO_LEFT = /[\u0590-\u08ff]/;
const LONGEST = 40;
const KEPT = 'nightshift:locale';

/** @typedef {{ type: string, value: string }} Part */

/** @param {string} text */
const clean = (text) => text.replace(MARKS, '').replaceAll('\u060c', ',').slice(0, LONGEST);

/** @type {Record<string, [one: string, two: string]>} */
const PLACES = {
  year: ['{yyyy}', '{yyyy}'],
  month: ['{M}', '{MM}'],
  day: ['{d}', '{dd}'],
  hour: ['{h}', '{hh}'],
  minute: ['{mm}', '{mm}'],
  dayPeriod: ['{p}', '{p}'],
};

/** @param {Part[]} parts */
const pattern = (parts) => parts.map(({ type, value }) => PLACES[type]?.[value.length > 1 ? 1 : 0] ?? clean(value)).join('');

/**
 * What stands before and behind the figure.
 * @param {Part[]} parts
 * @returns {[string, string]}
 */
function around(parts) {
  const isFigure = (/** @type {Part} */ { type }) => type === 'integer';
  const words = (/** @type {Part[]} */ some) => clean(some.map(({ value }) => value).join(''));
  const at = parts.findIndex(isFigure);
  return [words(parts.slice(0, at)), words(parts.slice(at + 1))];
}

/** The person's, as the browser knows it. What was read once is kept for the next start: the first use of Intl takes some milliseconds of it. */
export function locale() {
  const key = `${navigator.languages} ${navigator.userAgent}`;
  try {
    const [known, found] = JSON.parse(localStorage.getItem(KEPT) ?? '[]');
    if (known === key) return JSON.stringify(found);
  } catch {
    // no storage, or what lies there is none of ours
  }
  const found = read();
  try {
    localStorage.setItem(KEPT, JSON.stringify([key, found]));
  } catch {
    // it is read anew at the next start
  }
  return JSON.stringify(found);
}

function read() {
  try {
    return localeOf(navigator.languages.length ? navigator.languages : undefined);
  } catch {
    return localeOf(); // a language that is none
  }
}

/**
 * @param {string | readonly string[]} [tag] the browser's own where there is none
 * @returns {FoundLocale}
 */
export function localeOf(tag) {
  const number = new Intl.NumberFormat(tag, { ...LATIN, minimumFractionDigits: 1 });
  const parts = number.formatToParts(1234567890.5);
  const wholes = parts.filter(({ type }) => type === 'integer').map(({ value }) => value.length);
  const sign = (/** @type {string} */ type, /** @type {string} */ other) => clean(parts.find((one) => one.type === type)?.value ?? other);
  const whole = new Intl.NumberFormat(tag, { ...LATIN, maximumFractionDigits: 0 });
  const grouped = (/** @type {number} */ n) => whole.formatToParts(n).some(({ type }) => type === 'group');
  const dollars = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', maximumFractionDigits: 0 };
  /** @param {Intl.DateTimeFormatOptions} options */
  const times = (options) => new Intl.DateTimeFormat(tag, { ...LATIN, ...options, calendar: 'gregory', timeZone: 'UTC' });
  const date = /** @type {const} */ ({ year: 'numeric', month: '2-digit', day: '2-digit' });
  const halves = times({ hour: 'numeric' })
    .formatToParts(MORNING)
    .some(({ type }) => type === 'dayPeriod');
  const time = /** @type {const} */ ({ hour: halves ? 'numeric' : '2-digit', minute: '2-digit' });
  const clock = times(time);
  /**
   * @param {Date} when
   * @param {string} english
   */
  const period = (when, english) => {
    const said = clock.formatToParts(when).find(({ type }) => type === 'dayPeriod')?.value ?? '';
    return RIGHT_TO_LEFT.test(said) ? english : clean(said);
  };
  return {
    tag: number.resolvedOptions().locale,
    group: sign('group', ''),
    decimal: sign('decimal', '.'),
    last: wholes.at(-1) ?? 3,
    others: wholes.at(-2) ?? 3,
    least: grouped(1234) ? 1 : 2,
    dollars: around(new Intl.NumberFormat(tag, /** @type {Intl.NumberFormatOptions} */ ({ ...LATIN, ...dollars })).formatToParts(1)),
    percent: around(new Intl.NumberFormat(tag, { ...LATIN, style: 'percent' }).formatToParts(0.01)),
    date: pattern(times(date).formatToParts(MORNING)),
    time: pattern(clock.formatToParts(MORNING)),
    both: pattern(times({ ...date, ...time }).formatToParts(MORNING)),
    cycle: clock.resolvedOptions().hourCycle ?? 'h23',
    periods: [period(MORNING, 'AM'), period(EVENING, 'PM')],
  };
}
