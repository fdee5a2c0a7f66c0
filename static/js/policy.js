// The first script of the page: writes the content security policy before anything else is fetched or run.
// Beside this site and the provider, the page may speak only to the origins that the person has configured; they lie in localStorage
// under "nightshift:hosts" as a JSON list, and a new one counts from the next load of the page.
//
// In a build this script's element names the hashes of the scripts and styles that stand in the page itself (tools/inlining.py). In the one file
// (tools/onefile.py, `data-file`) nothing is 'self': modules are blobs, and a nonce, new with every load, lets in the one script that is written only then
// (the import map).
(() => {
  'use strict';
  const PROVIDER = 'https://api.openai.com';
  const ORIGIN = /^(?:https?|wss?):\/\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?$/i;

  /** @param {() => unknown} read */
  const origins = (read) => {
    try {
      const list = read();
      return Array.isArray(list) ? list.filter((origin) => typeof origin === 'string' && ORIGIN.test(origin)) : [];
    } catch {
      return []; // storage refused by the browser, or damaged: the page then speaks to the provider only
    }
  };
  const stored = origins(() => JSON.parse(localStorage.getItem('nightshift:hosts') ?? '[]'));
  // Where the person had the page reloaded for a new host, the load before names them as well (page.mjs): under load Chromium was seen to start
  // the next one before it had what went into localStorage. That counts once.
  const handed = origins(() => history.state.hosts);
  if (handed.length) history.replaceState(null, '');

  const { scripts, styles, file } = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
  const oneFile = file !== undefined;
  const nonce = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const self = oneFile ? [] : ["'self'"];
  // A worker from an address does not have this policy: there is none but the service worker. One from a blob has it.
  const keeper = oneFile ? [] : [new URL('worker.js', document.baseURI).href.replace(/[;,]/g, encodeURIComponent)];
  /**
   * @param {string} name
   * @param {string[]} sources
   */
  const directive = (name, ...sources) => (sources.length ? [`${name} ${sources.join(' ')}`] : []);

  // Trusted Types, where the browser has them: markup is taken from trusted.mjs and lastview.js alone. By the policy named "default" go addresses of scripts,
  // also those that libraries have (a worker for heartbeats): blobs, which only this page can make, the service worker, and the build's entry.
  const address = (/** @type {string} */ given) => {
    const { href, protocol } = new URL(given, document.baseURI);
    const { entry } = document.documentElement.dataset;
    const known = ['worker.js', ...(entry ? [entry] : [])].map((one) => new URL(one, document.baseURI).href);
    return protocol === 'blob:' || (!oneFile && known.includes(href)) ? given : null;
  };
  const { trustedTypes } = /** @type {any} */ (globalThis);
  trustedTypes?.createPolicy('default', { createScriptURL: address });
  // In the one file they count from when its modules are there (onefile.js): the import map is a script that is written as a text.
  const types = trustedTypes && !oneFile ? ["require-trusted-types-for 'script'", 'trusted-types default nightshift nightshift-kept'] : [];

  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = [
    "default-src 'none'",
    ...directive(
      'script-src',
      ...self,
      ...(scripts ? [scripts] : []),
      ...(oneFile ? [`'nonce-${nonce()}'`, 'blob:'] : []),
      "'wasm-unsafe-eval'",
    ),
    ...directive('style-src', ...(styles ? [styles] : self)),
    ...directive('img-src', ...self, 'data:', 'blob:'),
    ...directive('connect-src', ...self, ...new Set([PROVIDER, ...stored, ...handed])),
    ...directive('worker-src', ...keeper, 'blob:'),
    ...directive('manifest-src', ...self),
    "base-uri 'none'",
    "form-action 'none'",
    ...types,
  ].join('; ');
  document.head.append(policy);
})();
