// The page's scripts that are no modules, run as they are: the policy that policy.js writes, and what early.js keeps.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';

const source = (/** @type {string} */ name) => readFileSync(new URL(`../../static/js/${name}`, import.meta.url), 'utf8');
const POLICY = source('policy.js');
const EARLY = source('early.js');

/** A storage that holds what it is given, or one that the browser refuses. */
const storage = (/** @type {Record<string, string> | null} */ held) => ({
  getItem: (/** @type {string} */ key) => {
    if (!held) throw new DOMException('no', 'SecurityError');
    return held[key] ?? null;
  },
  setItem: (/** @type {string} */ key, /** @type {string} */ value) => {
    if (!held) throw new DOMException('no', 'SecurityError');
    held[key] = value;
  },
});

/**
 * The policy by its directives.
 * @param {string | null} hosts what lies in storage as the list of hosts; null: there is no storage
 * @param {Record<string, string>} [dataset] of the script's element
 * @param {{ state: unknown, replaceState: (state: unknown) => void }} [history] what the load before left
 * @param {{ createPolicy: (name: string, rules: { createScriptURL: (address: string) => string | null }) => void }} [trustedTypes]
 * @returns {Record<string, string[]>}
 */
const policy = (hosts, dataset = {}, history = { state: null, replaceState() {} }, trustedTypes = undefined) => {
  /** @type {{ httpEquiv: string, content: string }[]} */
  const written = [];
  const document = {
    currentScript: { dataset },
    documentElement: { dataset: { entry: 'b1/static/js/entry.mjs' } },
    baseURI: 'https://example.org/a;b,c/index.html?query#/route',
    createElement: () => ({ httpEquiv: '', content: '' }),
    head: { append: (/** @type {{ httpEquiv: string, content: string }} */ meta) => written.push(meta) },
  };
  runInNewContext(POLICY, {
    document,
    history,
    localStorage: storage(hosts === null ? null : { 'nightshift:hosts': hosts }),
    crypto,
    btoa,
    Uint8Array,
    URL,
    trustedTypes,
  });
  assert.deepEqual([written.length, written[0].httpEquiv], [1, 'Content-Security-Policy']);
  return Object.fromEntries(
    written[0].content.split('; ').map((directive) => {
      const [name, ...sources] = directive.split(' ');
      return [name, sources];
    }),
  );
};

test('no worker comes from an address but the service worker, which would not have this policy', () => {
  assert.deepEqual(policy('[]')['worker-src'], ['https://example.org/a%3Bb%2Cc/worker.js', 'blob:']);
  assert.deepEqual(policy('[]', { file: '' })['worker-src'], ['blob:']);
});

test('where the browser has Trusted Types, scripts come from blobs and two addresses, and markup from two policies', () => {
  /** @type {(address: string) => string | null} */
  let rule = () => null;
  const types = {
    createPolicy: (/** @type {string} */ name, /** @type {{ createScriptURL: typeof rule }} */ { createScriptURL }) => {
      assert.equal(name, 'default');
      rule = createScriptURL;
    },
  };
  const found = policy('[]', {}, undefined, types);
  assert.deepEqual(found['require-trusted-types-for'], ["'script'"]);
  assert.deepEqual(found['trusted-types'], ['default', 'nightshift', 'nightshift-kept']);
  const passed = ['blob:https://example.org/1', 'worker.js', 'b1/static/js/entry.mjs'];
  assert.deepEqual(passed.map(rule), passed);
  const refused = ['https://example.org/a;b,c/other.js', 'https://evil.example/worker.js', 'data:text/javascript,1', 'javascript:1'];
  assert.deepEqual(refused.map(rule), [null, null, null, null]);
  assert.equal(policy('[]', { file: '' }, undefined, types)['trusted-types'], undefined); // onefile.js writes it when the import map is in
  assert.deepEqual([rule('blob:null/1'), rule('worker.js')], ['blob:null/1', null]);
  assert.equal(policy('[]')['trusted-types'], undefined);
});

test('a page may speak to its own site and the provider, and run no inline script', () => {
  const found = policy('[]');
  assert.deepEqual(found['connect-src'], ["'self'", 'https://api.openai.com']);
  assert.deepEqual(found['script-src'], ["'self'", "'wasm-unsafe-eval'"]);
  assert.deepEqual([found['default-src'], found['base-uri'], found['form-action']], [["'none'"], ["'none'"], ["'none'"]]);
});

test('hosts that the load before handed on count once, with or without those that lie in storage', () => {
  const history = {
    /** @type {unknown} */
    state: { hosts: ['https://new.example', 'https://*', 7] },
    replaceState(/** @type {unknown} */ state) {
      history.state = state;
    },
  };
  assert.deepEqual(policy(null, {}, history)['connect-src'], ["'self'", 'https://api.openai.com', 'https://new.example']);
  assert.equal(history.state, null);
  assert.deepEqual(policy('[]', {}, history)['connect-src'], ["'self'", 'https://api.openai.com']);
});

test('hosts that were configured are added once each', () => {
  const found = policy(
    JSON.stringify(['http://localhost:8000', 'wss://broker.example:15674', 'https://api.openai.com', 'http://localhost:8000']),
  );
  assert.deepEqual(found['connect-src'], ["'self'", 'https://api.openai.com', 'http://localhost:8000', 'wss://broker.example:15674']);
});

test('what is no origin never reaches the policy: damaged storage cannot widen it', () => {
  const bad = [
    '*',
    'https:',
    "https://a.example; script-src 'unsafe-inline'",
    'https://a.example b',
    'ftp://a.example',
    'https://a.example/path',
    7,
    null,
    {},
  ];
  assert.deepEqual(policy(JSON.stringify(bad))['connect-src'], ["'self'", 'https://api.openai.com']);
  for (const hosts of ['{', '{"0":"https://a.example"}', 'null', '"https://a.example"', null]) {
    assert.deepEqual(policy(hosts)['connect-src'], ["'self'", 'https://api.openai.com'], String(hosts));
  }
});

test('a build names its inline scripts and styles by their hashes', () => {
  const found = policy('[]', { scripts: "'sha256-a' 'sha256-b'", styles: "'sha256-c'" });
  assert.deepEqual(found['script-src'], ["'self'", "'sha256-a'", "'sha256-b'", "'wasm-unsafe-eval'"]);
  assert.deepEqual(found['style-src'], ["'sha256-c'"]);
});

test('in the one file nothing is «self», and each load has a nonce of its own', () => {
  const loads = [policy('[]', { file: '' }), policy('[]', { file: '' })];
  for (const found of loads) for (const sources of Object.values(found)) assert.ok(!sources.includes("'self'"));
  const nonces = loads.map((found) => found['script-src'].find((one) => one.startsWith("'nonce-")));
  assert.match(nonces[0] ?? '', /^'nonce-[A-Za-z0-9+/]{22}=='$/);
  assert.notEqual(nonces[0], nonces[1]);
});

const window = new EventTarget();

/** @param {Record<string, string> | null} held in the tab's storage; the field, as it is after the script has run */
const shell = (held, value = '') => {
  /** @type {(() => void)[]} */
  const listeners = [];
  const field = { value, addEventListener: (/** @type {string} */ _, /** @type {() => void} */ listener) => listeners.push(listener) };
  runInNewContext(EARLY, {
    document: { querySelector: () => field },
    sessionStorage: storage(held),
    addEventListener: window.addEventListener.bind(window),
  });
  const type = (/** @type {string} */ text) => {
    field.value = text;
    for (const listener of listeners) listener();
  };
  return { field, type };
};

test('what is typed before Python runs is kept from key to key, and is there after a reload', () => {
  /** @type {Record<string, string>} */
  const held = {};
  shell(held).type('Dear');
  assert.deepEqual(held, { 'nightshift:early': 'Dear' });
  assert.equal(shell(held).field.value, 'Dear');
});

test('a file or a link that is dropped before anything takes it does not take the place of the page', () => {
  shell({});
  for (const [types, prevented] of /** @type {[string[], boolean][]} */ ([
    [['Files'], true],
    [['text/plain'], false],
    [['text/uri-list', 'text/html'], true],
  ])) {
    for (const type of ['dragover', 'drop']) {
      const event = Object.assign(new Event(type, { cancelable: true }), { dataTransfer: { types } });
      window.dispatchEvent(event);
      assert.equal(event.defaultPrevented, prevented);
    }
  }
});

test('what the browser has put into the field again wins, and without storage one can type', () => {
  assert.equal(shell({ 'nightshift:early': 'older' }, 'newer').field.value, 'newer');
  const { field, type } = shell(null);
  type('text');
  assert.equal(field.value, 'text');
});
