// The last view, for the next start: kept as markup when it has rested and when the page is hidden, and shown by lastview.js before Python runs. What
// was done in it by then is done again here, in the view that the program drew in its place.
//
// Kept in localStorage, which can be read before the first picture, the newest views first, as many as there is room for:
//   nightshift:lastview   a list of KeptView
//   nightshift:written    a number that another one takes the place of with the first commit after a view was kept; so who shows a view knows whether
//                         the data are those of which it was drawn
// Never kept: keys, passwords and what else is typed into fields of that kind, dialogs, toasts; any view while one says data-unkept. What is deleted
// for good is in no view that is kept: all are forgotten then.
/** @import { Change, DoneEarly, KeptView } from './types/protocol.ts' */
import { templateOf } from './trusted.mjs';

const KEPT = 'nightshift:lastview';
const WRITTEN = 'nightshift:written';
const EARLY = 'nightshift:early'; // early.js
const MOST = 300_000; // characters of all views together
const VIEWS = 6;
const RESTS_MS = 2000;
const EVERY_MS = 30_000; // a view that is drawn once a second need not be written as often
const LONGEST = 15_000_000; // CSS pixels of a list: a longer one is mapped (scrolling.mjs), and its place is in no element
const KEY = /\bsk-[\w-]{12,}/g; // one in a text that was pasted somewhere
const SEALED = '+';
const LASTING = new Set(['threads', 'segments', 'batches']); // tables of what people delete
const OWN = /^(?:annotations|blindvotes|dataset|evaluation|expectation|profile|pythoncode|resultsview|template|tries):/; // of the settings likewise

/** @type {() => Storage | undefined} */
const storage = () => {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined; // refused by the browser; a worker has none
  }
};

// --- how the data stand ---

/**
 * Something was written: what is kept is not as things stand any more. What the start itself writes is nothing that a person has not seen.
 * @param {boolean} [elsewhere] by another tab, or a worker
 */
export function written(elsewhere = false) {
  const [stored, shown] = [storage()?.getItem(WRITTEN), globalThis.lastView];
  if (shown && elsewhere) shown.stale = true;
  if (!stored?.endsWith(SEALED)) return;
  const next = String(Number.parseInt(stored, 10) + 1);
  set(WRITTEN, next);
  if (shown?.written === stored && !elsewhere) shown.written = next;
}

/**
 * Whether a commit takes something away that a person made.
 * @param {Change[]} changes
 */
export const takesAway = (changes) =>
  changes.some((one) => one.type === 'remove' && (LASTING.has(one.table) || (one.table === 'settings' && OWN.test(one.id))));

/** Nothing stays kept: it may show what is deleted now. */
export function forget() {
  known = { drawn: '', html: '' };
  storage()?.removeItem(KEPT);
}

/**
 * False where there is no room, or no storage.
 * @param {string} name
 * @param {string} value
 */
function set(name, value) {
  try {
    storage()?.setItem(name, value);
    return true;
  } catch {
    return false;
  }
}

// --- keeping ---

let drawn = ''; // as Python said it last
let barred = false; // it says that nothing may be kept
/** @type {{ drawn: string, html: string | null }} */
let known = { drawn: '', html: '' }; // what may be kept of a drawing
let at = Number.NEGATIVE_INFINITY;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * The views that are kept from now on: this one first, then those that were, of this build at this place, while there is room.
 * @param {unknown} before
 * @param {KeptView} view
 * @returns {KeptView[]}
 */
export function keptWith(before, view) {
  const others = (Array.isArray(before) ? before : []).filter(
    (one) => one?.build === view.build && one.path === view.path && one.route !== view.route && typeof one.html === 'string',
  );
  let room = MOST;
  return [view, ...others].slice(0, VIEWS).filter(({ html }) => {
    room -= html.length;
    return room >= 0;
  });
}

/**
 * What may be kept of a view's markup; null where nothing may be kept of any.
 * @param {string} html
 * @returns {string | null}
 */
export function harmless(html) {
  const template = templateOf(html);
  const view = template.content;
  if (view.querySelector('[data-unkept]')) return null;
  for (const one of view.querySelectorAll('dialog, .toasts > *')) one.remove();
  for (const one of view.querySelectorAll('[data-secret]')) one.textContent = '…';
  for (const one of view.querySelectorAll('input[type="password" i], [data-own]')) one.removeAttribute('value');
  // Who reads markup drops the first line break of these, and who writes it puts none there.
  for (const one of view.querySelectorAll('textarea, pre')) if (one.textContent?.startsWith('\n')) one.prepend('\n');
  return template.innerHTML.replaceAll(KEY, 'sk-…');
}

/**
 * A view that is too long to be kept; null where no view may be kept beside it either.
 * @param {string} html
 */
const tooLong = (html) => (html.includes('data-unkept') ? null : '');

/** Every box with an id that stands elsewhere than at its beginning, and the page itself. Nothing where a list is too long to be kept. */
function scrolls() {
  /** @type {KeptView['scrolled']} */
  const found = [];
  const page = document.scrollingElement;
  if (page && (page.scrollTop || page.scrollLeft)) found.push(['', page.scrollTop, page.scrollLeft]);
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('#app [id]'))) {
    const { id, scrollTop, scrollLeft, dataset } = box;
    if (dataset.rows && Number(dataset.rows) * Number(dataset.row) > LONGEST && scrollTop) return undefined;
    if (scrollTop || scrollLeft) found.push([id, scrollTop, scrollLeft]);
  }
  return found;
}

function keep() {
  clearTimeout(timer);
  timer = undefined;
  const { build, nightshift } = document.documentElement.dataset;
  const local = storage();
  if (!build || nightshift !== 'ready' || !local || globalThis.lastView) return;
  at = performance.now();
  try {
    if (known.drawn !== drawn) known = { drawn, html: drawn.length > MOST ? tooLong(drawn) : harmless(drawn) };
    const { html } = known;
    if (html === null) return forget();
    const scrolled = html ? scrolls() : undefined;
    const stored = JSON.parse(local.getItem(KEPT) ?? '[]');
    const revision = Number.parseInt(local.getItem(WRITTEN) ?? '0', 10) || 0;
    const seal = `${revision}${SEALED}`;
    const { language } = navigator;
    const view = {
      build,
      path: location.pathname,
      route: location.hash,
      written: seal,
      language,
      at: Date.now(),
      scrolled: scrolled ?? [],
      html,
    };
    const views = keptWith(stored, view).filter((one) => one.html && (one !== view || scrolled));
    if (!set(KEPT, JSON.stringify(views)) || !set(WRITTEN, seal)) forget();
  } catch {
    forget(); // what lay there was none of ours
  }
}

/**
 * The page shows this now.
 * @param {string} html
 */
export function shows(html) {
  drawn = html;
  const bars = html.includes('data-unkept');
  if (bars && !barred) forget(); // at once: what was kept before may be shown by the next start
  barred = bars;
  timer ??= setTimeout(() => (globalThis.requestIdleCallback ?? setTimeout)(keep), Math.max(RESTS_MS, at + EVERY_MS - performance.now()));
}

/** A page that goes may not come back: what it shows is kept at once. */
export function watch() {
  document.addEventListener('visibilitychange', () => document.hidden && keep());
  addEventListener('pagehide', keep);
}

// --- doing again what was done early ---

/** Whether the person has begun to do something. */
export const begun = () => Boolean(globalThis.lastView?.done.length);

/** Which boxes of the view that is shown stand elsewhere than at their beginning, as JSON: [id, top, height], … The first drawing begins there. */
export const scrolled = () => {
  if (!globalThis.lastView) return '[]';
  const boxes = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#app [data-rows]')]);
  return JSON.stringify(boxes.filter((box) => box.scrollTop).map(({ id, scrollTop, clientHeight }) => [id, scrollTop, clientHeight]));
};

/** @param {Element} element */
const labelOf = (element) => (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 200);

/**
 * The button or link of the view that means the same and says the same: what a person saw and pressed, or nothing.
 * @param {Iterable<Element>} elements
 * @param {{ action: string, label: string }} pressed
 */
export const sameOf = (elements, { action, label }) =>
  [...elements].find((one) => one.getAttribute('data-click') === action && labelOf(one) === label && !one.matches(':disabled'));

/** @param {Extract<DoneEarly, { kind: 'click' }>} one */
function click(one) {
  const element = sameOf(document.querySelectorAll('#app [data-click]'), one);
  element?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1, ...one.modifiers }));
  return Boolean(element);
}

/** @param {Extract<DoneEarly, { kind: 'input' | 'change' }>} one */
function enter({ kind, name, value, checked, values, before, caret }) {
  const fields = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('#app input, #app select, #app textarea')]);
  const field = fields.find((each) => [each.id, each.dataset.input, each.dataset.change].includes(name));
  if (!field || field.matches(':disabled')) return false;
  if (before !== undefined && field.defaultValue !== before) return false; // another tab changed the text that this goes on from
  if (values) for (const option of /** @type {any} */ (field).options) option.selected = values.includes(option.value);
  else if (field.type === 'checkbox' || field.type === 'radio') field.checked = checked;
  else if (field.type !== 'file' && field.value !== value) {
    field.value = value;
    if (caret !== null && field === document.activeElement) field.setSelectionRange(caret, caret);
  }
  field.dispatchEvent(new Event(kind, { bubbles: true }));
  return true;
}

/**
 * Does again what was done in the kept view. Returns what could not be: how many clicks and choices, and the texts. Of a view that is older than the
 * data, or became so while it was shown, only texts count, which know what they go on from: a button may say the same and now send what the person
 * did not see, and a field may be another prompt's.
 */
export function again() {
  const shown = globalThis.lastView;
  if (!shown) return null;
  shown.end();
  globalThis.lastView = undefined;
  const stale = shown.stale || storage()?.getItem(WRITTEN) !== shown.written;
  /** @type {string[]} */
  const texts = [];
  let clicks = 0;
  for (const one of shown.done) {
    if (one.kind === 'click') clicks += !stale && click(one) ? 0 : 1;
    else if (one.before === undefined) clicks += !stale && enter(one) ? 0 : 1;
    else if (!enter(one) && one.kind === 'input') texts.push(one.value);
  }
  if (shown.done.length && !texts.length) {
    try {
      sessionStorage.removeItem(EARLY);
    } catch {
      // no storage: there is no copy
    }
  }
  return clicks || texts.length ? { clicks, texts } : null;
}
