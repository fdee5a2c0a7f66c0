// The last view: what is kept of it, and what the page makes of what lies there, whoever wrote it. The tree is as plain as these need it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runInThisContext } from 'node:vm';
import './page.mjs';
import { again, keptWith, sameOf, shows, takesAway, written } from '../../static/js/lastview.mjs';

const HTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';

class Text {
  nodeType = 3;
  /** @param {string} nodeValue */
  constructor(nodeValue) {
    this.nodeValue = nodeValue;
  }
  get textContent() {
    return this.nodeValue;
  }
}

class Tree {
  nodeType = 1;
  /** @type {Record<string, string>} */
  set = {};
  /** @type {Record<string, string>} */
  properties = {};
  /** @type {Record<string, (event: object) => void>} */
  heard = {};
  value = '';
  defaultValue = '';
  /** @type {any[]} */
  childNodes = [];
  style = { setProperty: (/** @type {string} */ name, /** @type {string} */ value) => Object.assign(this.properties, { [name]: value }) };
  /**
   * @param {string} localName
   * @param {Record<string, string>} [set]
   * @param {any[]} [children]
   * @param {string} [namespaceURI]
   */
  constructor(localName, set = {}, children = [], namespaceURI = HTML) {
    Object.assign(this, { localName, namespaceURI, childNodes: children.map((one) => (typeof one === 'string' ? new Text(one) : one)) });
    this.set = { ...set };
  }
  get attributes() {
    return Object.entries(this.set).map(([name, value]) => ({ name, value }));
  }
  get id() {
    return this.set.id ?? '';
  }
  get dataset() {
    return Object.fromEntries(Object.entries(this.set).map(([name, value]) => [name.replace('data-', ''), value]));
  }
  get children() {
    return this.childNodes.filter((one) => one.nodeType === 1);
  }
  get firstElementChild() {
    return this.children[0];
  }
  get lastElementChild() {
    return this.children.at(-1);
  }
  get childElementCount() {
    return this.children.length;
  }
  /** @returns {string} */
  get textContent() {
    return this.childNodes.map((one) => one.textContent).join('');
  }
  /** @param {string} name */
  getAttribute(name) {
    return this.set[name] ?? null;
  }
  /**
   * @param {string} name
   * @param {string} value
   */
  setAttribute(name, value) {
    this.set[name] = value;
  }
  /** @param {any} node */
  appendChild(node) {
    this.childNodes.push(node);
  }
  /** @param {any[]} nodes */
  replaceChildren(...nodes) {
    this.childNodes = nodes.flatMap((node) => (node.localName ? [node] : (node.childNodes ?? [node])));
  }
  /** @param {string} selectors */
  matches(selectors) {
    return selectors.split(', ').some((selector) => {
      const [, tag = '', name = '', value = ''] = /^([a-z]*)(?:\[([a-z-]+)(?:="([a-z]+)" i)?\])?$/.exec(selector) ?? [];
      if (!tag && !name) return false; // a state
      return (!tag || tag === /** @type {any} */ (this).localName) && (!name || (name in this.set && (!value || this.set[name] === value)));
    });
  }
  /**
   * @param {string} selectors
   * @returns {Tree[]}
   */
  querySelectorAll(selectors) {
    return this.children.flatMap((one) => [...(one.matches(selectors) ? [one] : []), ...one.querySelectorAll(selectors)]);
  }
  /** @param {string} selectors */
  querySelector(selectors) {
    return this.querySelectorAll(selectors)[0] ?? null;
  }
  /** @param {string} selectors */
  closest(selectors) {
    return this.matches(selectors) ? this : null;
  }
  /**
   * @param {string} type
   * @param {(event: object) => void} listener
   */
  addEventListener(type, listener) {
    this.heard[type] = listener;
  }
  removeEventListener() {}
  /** @returns {any} as plain data */
  plain() {
    const { localName } = /** @type {any} */ (this);
    return [localName, this.set, ...this.childNodes.map((one) => (one.nodeType === 1 ? one.plain() : one.nodeValue))];
  }
}

/** @returns {Storage} */
const memory = () => {
  /** @type {Map<string, string>} */
  const held = new Map();
  return /** @type {any} */ ({
    getItem: (/** @type {string} */ name) => held.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => held.set(name, value),
    removeItem: (/** @type {string} */ name) => held.delete(name),
  });
};

const SCRIPT = readFileSync(new URL('../../static/js/lastview.js', import.meta.url), 'utf8');
const view = { build: 'b1', path: '/app/', route: '#/threads', written: '3+', at: 0, scrolled: [], html: 'parsed' };

/**
 * What stands in the page when the script has run, where `kept` lies in the storage and its markup parses as `tree`.
 * @param {object} given
 * @param {any[]} [given.tree]
 * @param {unknown} [given.kept]
 * @param {string} [given.early] what was typed into the shell
 * @param {string} [given.unfinished] that a start with a kept view did not come to its end in this tab
 */
function shown({ tree = [], kept = [view], early = '', unfinished = '' }) {
  const app = new Tree('div', { id: 'app' }, [new Tree('main', { id: 'shell' })]);
  const find = (/** @type {string} */ selector) => ({ '#app': app, '#early': { value: early } })[selector] ?? null;
  Object.assign(document, {
    documentElement: { dataset: { build: 'b1' } },
    querySelector: find,
    getElementById: () => null,
    createElement: (/** @type {string} */ name) => new Tree(name),
    createElementNS: (/** @type {string} */ space, /** @type {string} */ name) => new Tree(name, {}, [], space),
    createTextNode: (/** @type {string} */ text) => new Text(text),
    createDocumentFragment: () => new Tree(''),
  });
  Object.assign(globalThis, {
    localStorage: memory(),
    sessionStorage: memory(),
    lastView: undefined,
    Node: { TEXT_NODE: 3, ELEMENT_NODE: 1 },
    Element: Tree,
    HTMLElement: Tree,
    HTMLSelectElement: class {},
    DOMParser: class {
      parseFromString = () => ({ body: new Tree('body', {}, tree) });
    },
  });
  localStorage.setItem('nightshift:lastview', typeof kept === 'string' ? kept : JSON.stringify(kept));
  localStorage.setItem('nightshift:written', '3+');
  if (unfinished) sessionStorage.setItem('nightshift:lastview-shown', unfinished);
  runInThisContext(SCRIPT);
  return app;
}

const main = (/** @type {any[]} */ ...children) => new Tree('main', { class: 'view' }, children);

test('nothing of a kept view runs, loads, leads elsewhere or takes a secret, whoever wrote it', () => {
  const tree = [
    main(
      new Tree('script', {}, ['alert(1)']),
      new Tree('iframe', { src: 'https://evil.example' }),
      new Tree('form', { action: 'https://evil.example' }, [new Tree('button')]),
      new Tree('style', {}, ['*{}']),
      new Tree('a', { href: 'javascript:alert(1)', onclick: 'alert(1)', class: 'btn' }, ['Go']),
      new Tree('a', { href: 'https://evil.example' }),
      new Tree('a', { href: '#/queue' }),
      new Tree('img', { src: 'https://evil.example/x.png', name: 'body', alt: 'A' }),
      new Tree('img', { src: 'data:image/png;base64,AAAA' }),
      new Tree(
        'p',
        { style: 'background:url(x)', 'data-var-w': '12', 'data-var-g': 'minmax(0,3fr) 12rem', 'data-var-x': 'url(https://evil.example)' },
        ['text'],
      ),
      new Tree('input', { type: 'password', value: 'x', name: 'k' }),
      new Tree(
        'svg',
        { viewBox: '0 0 1 1', onload: 'alert(1)' },
        [new Tree('script', {}, [], SVG), new Tree('path', { d: 'M0', fill: 'url(#x)' }, [], SVG)],
        SVG,
      ),
      new Tree('p', { id: 'early' }),
      new Tree('p', { id: 'app' }, [new Tree('b', { id: 'twice' }), new Tree('i', { id: 'twice' })]),
      new Tree('svg', {}, [new Tree('path', { fill: 'u\\72l(https://evil.example)' }, [], SVG)], SVG),
      new Tree('use', { href: 'x' }, [], SVG),
      new Tree('math', {}, [], 'http://www.w3.org/1998/Math/MathML'),
    ),
  ];
  const app = shown({ tree });
  const [, , ...inside] = app.childNodes[0].plain();
  assert.deepEqual(inside, [
    ['a', { class: 'btn' }, 'Go'],
    ['a', {}],
    ['a', { href: '#/queue' }],
    ['img', { alt: 'A' }],
    ['img', { src: 'data:image/png;base64,AAAA' }],
    ['p', { 'data-var-w': '12', 'data-var-g': 'minmax(0,3fr) 12rem', 'data-var-x': 'url(https://evil.example)' }, 'text'],
    ['input', { type: 'password', value: 'x', name: 'k', inert: '' }],
    ['svg', { viewBox: '0 0 1 1' }, ['path', { d: 'M0' }]],
    ['p', {}],
    ['p', {}, ['b', { id: 'twice' }], ['i', {}]],
    ['svg', {}, ['path', {}]],
  ]);
  assert.deepEqual(app.querySelector('p')?.properties, { '--w': '12', '--g': 'minmax(0,3fr) 12rem' });
});

test('the shell stays where nothing of this address and build is kept, where something was typed, and where what lies there is none of ours', () => {
  const tree = [main()];
  const kept = (/** @type {object} */ other) => [{ ...view, ...other }];
  for (const given of [
    { tree, kept: kept({ route: '' }) },
    { tree, kept: kept({ build: 'b0' }) },
    { tree, kept: kept({ path: '/other/' }) },
    { tree, kept: kept({ language: 'de' }) },
    { tree, kept: kept({ html: 7 }) },
    { tree, kept: kept({ scrolled: [7] }) },
    { tree, unfinished: 'yes' },
    { tree, early: 'typed' },
    { tree: [new Tree('p')] },
    { tree, kept: '{' },
    { tree, kept: 'null' },
    { tree, kept: [null, 7, 'x'] },
    { tree, kept: kept({ html: 'x'.repeat(400_001) }) },
  ]) {
    assert.equal(shown(given).childNodes[0].id, 'shell', JSON.stringify(given.kept)?.slice(0, 80));
    assert.equal(globalThis.lastView, undefined);
  }
  assert.notEqual(shown({ tree }).childNodes[0].id, 'shell');
});

test('a view with which a start did not come to its end is not shown by the next start in this tab, and by the one after it', () => {
  const begun = () => sessionStorage.getItem('nightshift:lastview-shown');
  shown({ tree: [main()] });
  assert.equal(begun(), 'yes');
  globalThis.lastView?.end();
  assert.equal(begun(), null, 'the program listens');
  shown({ tree: [main()], unfinished: 'yes' });
  assert.deepEqual([begun(), globalThis.lastView], [null, undefined]);
});

test('it says that the program starts, and of data that changed since how old it is; long lists have their length', () => {
  const tree = () => [
    main(
      new Tree('span', { 'data-engine': 'here' }, ['Active']),
      new Tree('div', { 'data-rows': '100', 'data-row': '36', 'data-first': '10' }, rows()),
    ),
  ];
  const rows = () => ['div', 'p', 'p', 'div'].map((name) => new Tree(name));
  const app = shown({ tree: tree() });
  assert.equal(app.querySelector('span')?.textContent, 'Starting …');
  const [above, below] = app.querySelectorAll('div').slice(1);
  assert.deepEqual([above?.properties, below?.properties], [{ '--h': '360' }, { '--h': String(98 * 36 - 360) }]);
  const words = (/** @type {number} */ at) =>
    shown({ tree: tree(), kept: [{ ...view, written: '2+', at }] }).querySelector('span')?.textContent;
  assert.match(words(Date.now()) ?? '', /how it was at \d/);
  assert.match(words(0) ?? '', /how it was on .*19(69|70)/);
  assert.equal(words(Number.NaN), 'Starting …');
});

test('what is clicked and typed is noted: the last of a field, nothing of a secret, nothing that cannot be pressed', () => {
  const app = shown({
    tree: [
      main(
        new Tree('button', { 'data-click': '{"x":1}' }, [' Go ']),
        new Tree('textarea', { id: 't' }),
        new Tree('input', { id: 's', type: 'password' }),
      ),
    ],
  });
  const [button, text, secret] = /** @type {Tree[]} */ (['button', 'textarea', 'input'].map((name) => app.querySelector(name)));
  assert.ok(button && text && secret);
  const event = (/** @type {Tree} */ target, /** @type {object} */ more = {}) => ({ target, preventDefault() {}, detail: 1, ...more });
  app.heard.click?.(event(button, { ctrlKey: true }));
  app.heard.click?.(event(button, { detail: 2 }));
  app.heard.click?.(event(button)); // nothing seems to happen: pressed once more
  app.heard.click?.(event(new Tree('p')));
  for (const value of ['a', 'ab']) app.heard.input?.({ type: 'input', target: Object.assign(text, { value }) });
  app.heard.input?.({ type: 'input', target: Object.assign(secret, { value: 'k' }) });
  const noted = globalThis.lastView?.done.map(({ kind, ...one }) => [
    kind,
    'value' in one ? [one.name, one.value, one.before] : [one.label, one.modifiers.ctrlKey],
  ]);
  assert.deepEqual(noted, [
    ['click', ['Go', true]],
    ['input', ['t', 'ab', '']],
  ]);
  assert.equal(sessionStorage.getItem('nightshift:early'), 'ab', 'a reload loses nothing');
  assert.equal(button.set['data-awaited'], '', 'and whoever pressed it sees that');
});

test('the newest views are kept while there is room, those of another build or place are not', () => {
  const of = (/** @type {string} */ route, /** @type {object} */ more = {}) => ({ ...view, route, ...more });
  const before = [
    of('#/a'),
    of('#/b', { build: 'b0' }),
    of('#/c', { path: '/x' }),
    of('#/d', { html: 'x'.repeat(200_000) }),
    of('#/e'),
    null,
    of('#/f'),
  ];
  const routes = (/** @type {any} */ kept, /** @type {any} */ now) => keptWith(kept, now).map(({ route }) => route);
  assert.deepEqual(routes(before, of('#/e')), ['#/e', '#/a', '#/d', '#/f']);
  assert.deepEqual(routes(before, of('#/n', { html: 'x'.repeat(299_990) })), ['#/n', '#/a'], 'six characters');
  assert.deepEqual(routes('none of ours', of('#/n')), ['#/n']);
  assert.equal(
    routes(
      Array.from({ length: 20 }, (_, n) => of(`#/${n}`)),
      of('#/n'),
    ).length,
    6,
  );
});

test('the first commit after a view was kept makes it another revision, and only the first', () => {
  globalThis.localStorage = memory();
  const revision = () => localStorage.getItem('nightshift:written');
  written();
  assert.equal(revision(), null, 'nothing was kept');
  localStorage.setItem('nightshift:written', '4+');
  written();
  written();
  assert.equal(revision(), '5');
});

test('a view becomes older than the data while it is shown when another tab writes, and not by what the start writes itself', () => {
  for (const elsewhere of [false, true]) {
    globalThis.localStorage = memory();
    localStorage.setItem('nightshift:written', '4+');
    globalThis.lastView = { done: [], stale: false, written: '4+', end() {} };
    written(elsewhere);
    const { stale, written: at } = globalThis.lastView;
    assert.deepEqual([stale, at === localStorage.getItem('nightshift:written')], [elsewhere, !elsewhere]);
  }
  globalThis.lastView = undefined;
});

test('from the moment in which keys are under a passphrase nothing is kept, nor what was before', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  globalThis.localStorage = memory();
  localStorage.setItem('nightshift:lastview', '[]');
  shows('<main class="view"></main>');
  assert.equal(localStorage.getItem('nightshift:lastview'), '[]');
  shows('<main class="view" data-unkept></main>');
  assert.equal(localStorage.getItem('nightshift:lastview'), null);
});

test('whatever deletes what a person made has all views forgotten', () => {
  const remove = (/** @type {string} */ table, /** @type {string} */ id) => /** @type {any} */ ({ type: 'remove', table, id, rev: 1 });
  for (const one of [remove('threads', 't'), remove('batches', 'b'), remove('segments', 's'), remove('settings', 'dataset:d')])
    assert.ok(takesAway([one]));
  assert.ok(!takesAway([remove('settings', 'editing:x'), /** @type {any} */ ({ type: 'put', table: 'threads', id: 't' })]));
});

test('a click is done again only on what means the same and says the same', () => {
  const button = (/** @type {string} */ action, /** @type {string} */ label) => new Tree('button', { 'data-click': action }, [label]);
  const [first, second] = [button('{"go":1}', 'Submit 2'), button('{"go":1}', 'Submit 3')];
  const find = (/** @type {string} */ action, /** @type {string} */ label) =>
    sameOf(/** @type {any} */ ([first, second]), { action, label });
  assert.equal(find('{"go":1}', 'Submit 3'), second);
  assert.equal(find('{"go":1}', 'Submit 4'), undefined);
  assert.equal(find('{"go":2}', 'Submit 2'), undefined);
});

test('in a view that is older than the data no click counts: a button that says the same may send more now', () => {
  const asked = /** @type {string[]} */ ([]);
  const querySelectorAll = (/** @type {string} */ selector) => {
    asked.push(selector);
    return [];
  };
  Object.assign(document, { querySelectorAll });
  globalThis.localStorage = memory();
  localStorage.setItem('nightshift:written', '3+');
  const pressed = /** @type {any} */ ({ kind: 'click', action: '{"go":1}', label: 'Submit all', modifiers: {} });
  const chosen = /** @type {any} */ ({ kind: 'change', name: 'o-model', value: 'dear', caret: null });
  for (const [stale, written] of /** @type {[boolean, string][]} */ ([
    [true, '3+'],
    [false, '2+'], // another tab wrote before this one heard of others
    [false, '3+'],
  ])) {
    asked.length = 0;
    globalThis.lastView = { done: [pressed, chosen], stale, written, end: () => {} };
    assert.deepEqual(again(), { clicks: 2, texts: [] });
    assert.equal(asked.length, stale || written !== '3+' ? 0 : 2); // it is looked for only where the person saw what is there
  }
});
