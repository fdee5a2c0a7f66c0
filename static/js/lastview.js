// The last view, painted before Python runs: what lastview.mjs kept of it is put in the shell's place, dead. Nothing in it acts: what is clicked and
// typed there is noted, and lastview.mjs does it again when the program has drawn the same view. Where nothing is kept of this page, or something was
// typed into the shell already, the shell stays.
//
// What lies in the browser's storage is not trusted, whoever wrote it: it is parsed by DOMParser, where nothing runs and nothing is fetched, and made
// anew element by element from a list of what a view draws. No script, style, frame or form is on it, no handler, no address but those within the
// page and small images, no id that the page goes by itself. Fields for secrets take nothing before the program runs. And where a start with it did not
// come to its end, whatever held that up, the next one in this tab is without it.
/** @import { KeptView, LastView } from './types/protocol.ts' */
(() => {
  'use strict';
  const KEPT = 'nightshift:lastview'; // lastview.mjs writes it
  const WRITTEN = 'nightshift:written'; // and this
  const EARLY = 'nightshift:early'; // early.js
  const SHOWN = 'nightshift:lastview-shown'; // in this tab, until the program listens
  const MOST = 400_000; // characters that are looked at; fewer are kept
  const DONE = 200; // things done before the program runs that are noted

  const HTML = 'http://www.w3.org/1999/xhtml';
  const SVG = 'http://www.w3.org/2000/svg';
  const ELEMENTS = new Set(
    (
      'a abbr article aside b bdi blockquote br button caption code col colgroup datalist dd del details dfn div dl dt em fieldset figcaption figure ' +
      'footer h1 h2 h3 h4 h5 h6 header hr i img input ins kbd label legend li main mark meter nav ol optgroup option output p pre progress q s samp ' +
      'search section select small span strong sub summary sup table tbody td textarea tfoot th thead time tr u ul var wbr code-editor'
    ).split(' '),
  );
  const DRAWN = new Set('svg g path circle ellipse rect line polyline polygon text tspan title desc'.split(' '));
  const ATTRIBUTES = new Set(
    (
      'accept alt autocapitalize autocomplete checked class cols colspan datetime dir disabled for height hidden id inputmode label lang list max ' +
      'maxlength min multiple open placeholder readonly required role rows rowspan scope selected size spellcheck start step tabindex title type ' +
      'value webkitdirectory width wrap'
    ).split(' '),
  );
  const DRAWING = new Set(
    (
      'class id role viewBox width height x y x1 x2 y1 y2 dx dy cx cy r rx ry d points fill fill-opacity fill-rule stroke stroke-width stroke-linecap ' +
      'stroke-linejoin overflow stroke-dasharray stroke-opacity opacity transform text-anchor dominant-baseline font-size font-weight preserveAspectRatio'
    ).split(' '),
  );
  const NAMED = new Set(['input', 'select', 'textarea', 'button', 'details']); // of others a name becomes a property of the document
  const WIDTH = '(?:[\\w.%+-]{1,40}|minmax\\([\\w.]{1,9},[\\w.]{1,9}\\))';
  const FIGURE = new RegExp(`^${WIDTH}(?: ${WIDTH}){0,59}$`); // one, or the widths of columns
  const IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;
  const SHELL = ['app', 'early']; // ids by which the page finds its own
  const SECRET = 'input[type="password" i], [data-own]';

  /**
   * @param {string} element its local name
   * @param {string} space its namespace
   * @param {string} name of the attribute
   * @param {string} value
   */
  const allowed = (element, space, name, value) => {
    if (name.startsWith('aria-') || /^data-[a-z0-9-]+$/.test(name)) return true;
    if (space === SVG) return DRAWING.has(name) && !/\\|url\s*\(/i.test(value);
    if (name === 'href') return element === 'a' && value.startsWith('#');
    if (name === 'src') return element === 'img' && IMAGE.test(value);
    if (name === 'name') return NAMED.has(element);
    return ATTRIBUTES.has(name);
  };

  /**
   * One element as it may stand in the page; nothing where it may not.
   * @param {Element} given
   * @param {Set<string>} ids those that are taken
   */
  const anew = (given, ids) => {
    const { localName, namespaceURI } = given;
    const space = namespaceURI === SVG ? SVG : HTML;
    if (namespaceURI !== space || !(space === SVG ? DRAWN : ELEMENTS).has(localName)) return null;
    const made = /** @type {HTMLElement} */ (document.createElementNS(space, localName));
    for (const { name, value } of given.attributes) {
      if (!allowed(localName, space, name, value) || (name === 'id' && ids.has(value))) continue;
      if (name === 'id') ids.add(value);
      made.setAttribute(name, value);
      if (name.startsWith('data-var-') && FIGURE.test(value)) made.style.setProperty(`--${name.slice('data-var-'.length)}`, value);
    }
    return made;
  };

  /** @type {{ createHTML: (html: string) => string } | undefined} */
  const trusted = /** @type {any} */ (globalThis).trustedTypes?.createPolicy('nightshift-kept', {
    createHTML: (/** @type {string} */ html) => html, // it becomes a document in which nothing runs, of which the list above lets elements in
  });

  /** @param {string} html */
  const parsed = (html) => new DOMParser().parseFromString(trusted?.createHTML(html) ?? html, 'text/html').body;

  /** @param {string} html */
  const built = (html) => {
    const whole = document.createDocumentFragment();
    const ids = new Set(SHELL);
    /** @type {[Node, Node][]} */
    const left = [[parsed(html), whole]];
    for (let pair = left.pop(); pair; pair = left.pop()) {
      const [from, to] = pair;
      for (const child of from.childNodes) {
        if (child.nodeType === Node.TEXT_NODE) to.appendChild(document.createTextNode(child.nodeValue ?? ''));
        if (child.nodeType !== Node.ELEMENT_NODE) continue;
        const made = anew(/** @type {Element} */ (child), ids);
        if (!made) continue;
        to.appendChild(made);
        left.push([child, made]);
      }
    }
    return whole;
  };

  /** @returns {KeptView | null} what is kept of this address, by this build, at this place */
  const found = () => {
    const { build } = document.documentElement.dataset;
    const text = build ? localStorage.getItem(KEPT) : null;
    if (!text || text.length > MOST || sessionStorage.getItem(EARLY)) return null;
    /** @type {unknown} */
    const list = JSON.parse(text);
    if (!Array.isArray(list)) return null;
    const { pathname, hash } = location;
    const { language } = navigator;
    const here = (/** @type {KeptView} */ one) => one?.path === pathname && one.route === hash && one.language === language;
    const one = list.find((each) => here(each) && each.build === build);
    return one && typeof one.html === 'string' && Array.isArray(one.scrolled) && one.scrolled.every(Array.isArray) ? one : null;
  };

  // The spacers of long lists (scrolling.mjs); one that is longer than an element can be is never kept.
  /** @param {HTMLElement} box */
  const settle = (box) => {
    const [above, below] = [box.firstElementChild, box.lastElementChild];
    if (!(above instanceof HTMLElement && below instanceof HTMLElement) || above === below) return;
    const [total = 0, row = 0, first = 0] = ['rows', 'row', 'first'].map((name) => Number(box.dataset[name]) || 0);
    const drawn = (box.childElementCount - 2) * row;
    const top = Math.min(Math.max(0, first * row), Math.max(0, total * row - drawn));
    above.style.setProperty('--h', String(top));
    below.style.setProperty('--h', String(Math.max(0, total * row - top - drawn)));
  };

  /** In what way the person has times written. */
  const figures = () => {
    const chosen = localStorage.getItem('nightshift:figures'); // page.mjs writes it
    return !chosen || chosen === 'browser' ? [] : chosen === 'iso' ? 'sv' : 'en-US';
  };

  /** @param {Date} at */
  const when = (at) => {
    const today = at.toDateString() === new Date().toDateString();
    return today
      ? `at ${at.toLocaleString(figures(), { timeStyle: 'short' })}`
      : `on ${at.toLocaleString(figures(), { dateStyle: 'medium', timeStyle: 'short' })}`;
  };

  /**
   * @param {KeptView} kept
   * @param {HTMLElement} app
   * @param {boolean} stale whether something was written since
   */
  const show = (kept, app, stale) => {
    const whole = built(kept.html);
    if (!whole.querySelector('main')) return false;
    const words = stale && Number.isFinite(kept.at) ? `Starting … This is how it was ${when(new Date(kept.at))}` : 'Starting …';
    for (const one of whole.querySelectorAll('[data-engine]')) {
      const dot = Object.assign(document.createElement('span'), { className: 'dot wait' });
      one.replaceChildren(dot, document.createTextNode(words));
    }
    for (const one of whole.querySelectorAll(SECRET)) one.setAttribute('inert', '');
    app.replaceChildren(whole);
    for (const box of /** @type {NodeListOf<HTMLElement>} */ (app.querySelectorAll('[data-rows]'))) settle(box);
    for (const [id, top, left] of kept.scrolled) {
      const box = id ? document.getElementById(id) : document.scrollingElement;
      if (box && Number.isFinite(top) && Number.isFinite(left)) Object.assign(box, { scrollTop: top, scrollLeft: left });
    }
    return true;
  };

  // --- what is done in it ---

  /** @type {LastView['done']} */
  const done = [];
  /** @type {WeakSet<Element>} */
  const pressed = new WeakSet();

  /** @param {Element} element */
  const labelOf = (element) => (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 200);

  /** @param {Element} field */
  const nameOf = (field) => field.id || field.getAttribute('data-input') || field.getAttribute('data-change') || '';

  /** @param {MouseEvent} event */
  const onClick = (event) => {
    const target = event.target instanceof Element ? event.target : null;
    target?.closest('a[href]')?.setAttribute('data-awaited', ''); // the address is another one: the program reads it
    const element = target?.closest('[data-click]');
    if (!element || element.matches(':disabled') || element.closest('[aria-disabled="true"]')) return;
    event.preventDefault();
    // The second click of a double click is on what the first has led to; and who presses once more, since nothing seems to happen, means it once.
    if (event.detail > 1 || pressed.has(element) || done.length >= DONE) return;
    pressed.add(element);
    const { ctrlKey, altKey, shiftKey, metaKey } = event;
    done.push({
      kind: 'click',
      action: element.getAttribute('data-click') ?? '',
      label: labelOf(element),
      modifiers: { ctrlKey, altKey, shiftKey, metaKey },
    });
    element.setAttribute('data-awaited', ''); // the next drawing knows nothing of it
  };

  /** @param {Event} event */
  const onField = ({ type, target }) => {
    const field = /** @type {HTMLInputElement} */ (target); // or a select, or a textarea
    const name = field instanceof Element ? nameOf(field) : '';
    if (!name || !('value' in field) || field.matches(SECRET)) return;
    const kind = type === 'input' ? 'input' : 'change';
    const values = field instanceof HTMLSelectElement ? Array.from(field.selectedOptions, (option) => option.value) : undefined;
    const text = field.localName === 'textarea';
    const { value, checked, selectionStart: caret } = field;
    const note = { kind, name, value, checked, values, before: text ? field.defaultValue : undefined, caret };
    const last = done.at(-1);
    if (last && last.kind === kind && last.name === name) done.pop(); // from key to key
    if (done.length < DONE) done.push(/** @type {LastView['done'][number]} */ (note));
    if (kind !== 'input' || !text) return;
    try {
      sessionStorage.setItem(EARLY, field.value); // as early.js keeps what is typed into the shell: a reload loses nothing
    } catch {
      // no storage: the field has the text
    }
  };

  /** @type {[type: string, listener: (event: any) => void][]} */
  const listeners = [
    ['click', onClick],
    ['input', onField],
    ['change', onField],
  ];

  const app = /** @type {HTMLElement | null} */ (document.querySelector('#app'));
  const early = /** @type {HTMLTextAreaElement | null} */ (document.querySelector('#early'));
  let stale = false;
  let written = '';
  try {
    const unfinished = sessionStorage.getItem(SHOWN);
    sessionStorage.removeItem(SHOWN);
    const kept = app && !early?.value && !unfinished ? found() : null;
    if (!app || !kept) return;
    sessionStorage.setItem(SHOWN, 'yes');
    written = kept.written;
    stale = localStorage.getItem(WRITTEN) !== written;
    if (!show(kept, app, stale)) {
      sessionStorage.removeItem(SHOWN);
      return;
    }
  } catch {
    return; // no storage, or what lies there is none of ours: the shell says that the program starts
  }
  for (const [type, listener] of listeners) app.addEventListener(type, listener, true);
  performance.mark('nightshift:picture');
  globalThis.lastView = {
    done,
    stale,
    written,
    end: () => {
      sessionStorage.removeItem(SHOWN);
      for (const [type, listener] of listeners) app.removeEventListener(type, listener, true);
    },
  };
})();
