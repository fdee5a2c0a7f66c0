// Long lists. A scroller tells its measures once it is there, whenever its size changes, and once a frame while it is scrolled.
//
// A list of rows of one height (data-rows: how many there are, data-row: their height in CSS pixels, data-first: the first of those that are drawn,
// which stand between two spacers) may be longer than an element can be: Chromium ends one at 33.5 million pixels, Firefox gives it no height from 17.9
// million on. So its real height is REAL at most and positions are mapped: `offset` is what the row at the top is further down than the scroller stands.
// Near moves leave it, so that a step is a step, however long the list; far ones (the scrollbar) go by proportion. What is told is the position
// among all rows.
//
//   data-goto="id"    on a field: the list with this id goes to the row whose number is typed there

const REAL = 15_000_000; // CSS pixels
const NEAR = 2; // screens
const SETTLES_MS = 200; // where the browser does not say that scrolling has ended

/** @typedef {{offset: number, last: number, own: number, far: boolean, when: number}} Place */
/** @typedef {{total: number, row: number, all: number, real: number, view: number}} Size */

/** @type {WeakMap<Element, Place>} */
const places = new WeakMap();
/** @type {Set<HTMLElement>} */
const scrolled = new Set();
/** @type {(element: Element, measures: object) => void} */
let tell = () => {};

const TYPED = 'input, textarea, select, [contenteditable]'; // there Home and End move in the text

const ends = 'onscrollend' in globalThis;

/** @type {ResizeObserver | undefined} */
let sizes; // made with the first scroller: a worker, which loads this module with the others, has none

/** @type {ResizeObserverCallback} */
const resized = (entries, observer) => {
  for (const { target } of entries) {
    if (target.isConnected) later(/** @type {HTMLElement} */ (target));
    else observer.unobserve(target);
  }
};

/**
 * Hands every scroller's measures to `told` from now on.
 * @param {typeof tell} told
 */
export function tellTo(told) {
  tell = told;
}

/**
 * After a drawing, and before anything has the page laid out: the lists' spacers stand for the rows that are not drawn.
 * @param {ParentNode} root
 */
export function settle(root) {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-rows]'))) draw(element);
}

/**
 * Watches the scrollers of a drawing.
 * @param {ParentNode} root
 */
export function measure(root) {
  for (const element of root.querySelectorAll('[data-scroll]')) {
    sizes ??= new ResizeObserver(resized);
    sizes.observe(element);
  }
}

/**
 * @param {HTMLElement} box
 * @returns {Place}
 */
function placeOf(box) {
  const place = places.get(box) ?? { offset: 0, last: 0, own: -1, far: false, when: 0 };
  places.set(box, place);
  return place;
}

/**
 * @param {HTMLElement} box
 * @returns {Size}
 */
function sizeOf(box) {
  const total = Number(box.dataset.rows);
  const row = Number(box.dataset.row);
  const all = total * row;
  return { total, row, all, real: Math.min(all, REAL), view: box.clientHeight };
}

/**
 * A position within the list.
 * @param {number} value
 * @param {Size} size
 */
const within = (value, { all, view }) => Math.min(Math.max(value, 0), Math.max(0, all - view));

/** @param {HTMLElement} box */
function draw(box) {
  const [above, below] = [box.firstElementChild, box.lastElementChild];
  if (!(above instanceof HTMLElement && below instanceof HTMLElement) || above === below) return;
  const total = Number(box.dataset.rows);
  const row = Number(box.dataset.row);
  const real = Math.min(total * row, REAL);
  const drawn = (box.childElementCount - 2) * row;
  const place = placeOf(box);
  if (total * row <= REAL) place.offset = 0;
  const top = Math.min(Math.max(0, Number(box.dataset.first) * row - place.offset), Math.max(0, real - drawn));
  above.style.setProperty('--h', String(top));
  below.style.setProperty('--h', String(Math.max(0, real - top - drawn)));
}

/**
 * @param {HTMLElement} box
 * @param {number} value the position among all rows
 */
function goTo(box, value) {
  const size = sizeOf(box);
  const place = placeOf(box);
  const wanted = within(value, size);
  const [most, mostReal] = [size.all - size.view, size.real - size.view];
  const at = size.all > REAL && most > 0 ? Math.round((wanted / most) * mostReal) : wanted;
  place.offset = wanted - at;
  place.far = false;
  draw(box);
  box.scrollTop = at;
  place.own = place.last = box.scrollTop; // as far as it went
  later(box);
}

/**
 * The browser moved it: the row at the top is another one now.
 * @param {HTMLElement} box
 */
function moved(box) {
  const size = sizeOf(box);
  const place = placeOf(box);
  const at = box.scrollTop;
  const { own, last } = place;
  place.own = -1;
  place.last = at;
  if (size.all <= REAL || at === own) return;
  if (!ends && performance.now() - place.when > SETTLES_MS) place.far = false;
  place.when = performance.now();
  const [most, mostReal] = [size.all - size.view, size.real - size.view];
  if (Math.abs(at - last) > NEAR * size.view) place.far = true;
  if (place.far) {
    place.offset = Math.round((Math.min(at, mostReal) / mostReal) * most) - Math.min(at, mostReal);
  } else {
    const wanted = within(at + place.offset, size);
    const stuck = (at <= 0 && wanted > 0) || (at >= mostReal - 1 && wanted < most - 1);
    if (stuck) return goTo(box, wanted); // at an end of what the browser scrolls, not of the list
    place.offset = wanted - at;
  }
  draw(box);
}

/** @param {HTMLElement} element */
function later(element) {
  if (!scrolled.size) requestAnimationFrame(tellScrolled);
  scrolled.add(element);
}

function tellScrolled() {
  const elements = [...scrolled];
  scrolled.clear();
  for (const element of elements) {
    if (!element.isConnected || !element.hasAttribute('data-scroll')) continue;
    const { scrollLeft, clientHeight, clientWidth } = element;
    const listed = element.dataset.rows !== undefined;
    const scrollTop = listed ? within(element.scrollTop + placeOf(element).offset, sizeOf(element)) : element.scrollTop;
    const scrollHeight = listed ? sizeOf(element).all : element.scrollHeight;
    tell(element, { scrollTop, scrollLeft, scrollHeight, clientHeight, clientWidth });
  }
}

/** @param {Event} event */
function onScroll({ target }) {
  if (!(target instanceof HTMLElement) || !target.hasAttribute('data-scroll')) return;
  if (target.dataset.rows !== undefined) moved(target);
  later(target);
}

/**
 * The far move is over: it came to rest, or the person begins another one.
 * @param {Event} event
 */
function onRest({ target }) {
  const box = target instanceof Element && target.closest('[data-rows]');
  const place = box && places.get(box);
  if (place) place.far = false;
}

/**
 * Home and End mean an end of the list, not of what the browser scrolls. The browser would travel there: where a longer list is mapped, the way has
 * no meaning, and where it ends depends on when the browser says that the travel before is over.
 * @param {KeyboardEvent} event
 */
function onKey(event) {
  const { key, target } = event;
  if (!(key === 'Home' || key === 'End') || !(target instanceof Element) || target.matches(TYPED)) return;
  const box = /** @type {HTMLElement | null} */ (target.closest('[data-rows]'));
  if (!box || sizeOf(box).all <= REAL) return;
  event.preventDefault();
  goTo(box, key === 'Home' ? 0 : sizeOf(box).all);
}

/** @param {Event} event */
function onChange({ target }) {
  if (!(target instanceof HTMLInputElement) || target.dataset.goto === undefined) return;
  const box = document.getElementById(target.dataset.goto);
  const number = Math.round(target.valueAsNumber);
  if (!box || !Number.isFinite(number)) return;
  goTo(box, (Math.max(1, number) - 1) * sizeOf(box).row);
  box.focus({ preventScroll: true });
}

/** @type {[type: string, listener: (event: any) => void, options: AddEventListenerOptions][]} */
export const LISTENERS = [
  ['scroll', onScroll, { capture: true, passive: true }], // it does not bubble, nor does the next
  ['scrollend', onRest, { capture: true, passive: true }],
  ['wheel', onRest, { capture: true, passive: true }],
  ['touchstart', onRest, { capture: true, passive: true }],
  ['keydown', onKey, { capture: true }],
  ['change', onChange, { passive: true }],
];
