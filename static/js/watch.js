// Watches the start from the first moment, also where modules, wasm or Python never come to run.
// Offers `nightshift` to the boot code: mark(name), ready(), fail(error) and died(). <html data-nightshift> says loading, ready, failed or died.
(() => {
  'use strict';
  const PERHAPS =
    'A newer version of Nightshift may just have been published, and this one taken away: then reloading the page gets the newer one.';
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem('nightshift:theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  } catch {
    // no storage: the system's theme
  }
  // Which of its two faces the shell shows (views.css): the composer, which takes typing already, or that another view is being opened.
  root.dataset.view = /^#\/+(?!compose(?![^/?]))[^/?#]/i.test(location.hash) ? 'other' : 'compose';
  const loading = () => root.dataset.nightshift === 'loading';
  /** @type {Promise<void>} */
  const parsed = new Promise((resolve) => {
    if (document.readyState !== 'loading') resolve();
    else document.addEventListener('readystatechange', () => resolve(), { once: true });
  });

  /** @param {unknown} error */
  const textOf = (error) => {
    if (error instanceof Error) return error.message.trim() || error.name;
    return String(error ?? 'The browser gave no reason.');
  };

  /**
   * @param {string} name
   * @param {string} text
   */
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  /** @param {string} text */
  const show = (text) => {
    const box = element('section', '');
    box.id = 'boot-failure';
    box.setAttribute('role', 'alert');
    box.append(
      element('h1', 'Nightshift could not start'),
      element(
        'p',
        'Reload the page. If that does not help, use a current Chrome, Edge, Firefox or Safari, and check that nothing blocks files of this site. ' +
          'What you saved is still in this browser. This page sent nothing; batches at a provider continue there.',
      ),
      element('pre', text),
    );
    document.body.append(box);
  };

  const stop = () => {
    removeEventListener('error', failedEvent, true);
    removeEventListener('unhandledrejection', failedPromise);
  };

  /** @param {unknown} error */
  const fail = (error) => {
    if (!loading()) return;
    stop();
    root.dataset.nightshift = 'failed';
    void parsed.then(() => show(textOf(error)));
  };

  const ready = () => {
    if (!loading()) return;
    stop();
    performance.mark('nightshift:ready');
    root.dataset.nightshift = 'ready';
  };

  // Python died (life.mjs says so in the page): nothing that follows from it is a failure of the start.
  const died = () => {
    stop();
    root.dataset.nightshift = 'died';
  };

  /**
   * Of elements that fail to load, only scripts and their preloads end the start: an image or a style sheet does not.
   * @param {ErrorEvent} event of the window, or of an element
   */
  const failedEvent = (event) => {
    const { target } = event;
    if (target === window) fail(event.error ?? event.message);
    else if (target instanceof HTMLScriptElement) fail(`This file did not load: ${target.src}\n${PERHAPS}`);
  };
  /** @param {PromiseRejectionEvent} event */
  const failedPromise = (event) => fail(event.reason);

  addEventListener('error', failedEvent, true);
  addEventListener('unhandledrejection', failedPromise);
  void parsed.then(() => performance.mark('nightshift:shell'));

  // The large files are asked for before any module has come. Whoever needs them asks again, finds them in the browser's cache, and tells when one
  // is missing. (A preload link would do worse: it bypasses Chromium's cache of compiled wasm.) In the one file they are there already, and what
  // the service worker answers is in no cache of the browser's.
  const { program, entry } = root.dataset; // a build's
  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src || (entry && new URL(entry, document.baseURI));
  /** @param {string} name */
  const vendored = (name) => new URL(`../vendor/${name}`, here).href;
  const MODULES = ['boot.mjs', 'pyscript.mjs'];
  if (here && !navigator.serviceWorker?.controller) {
    for (const name of ['pyodide/pyodide.asm.wasm', 'pyodide/stdlib.zip', ...(entry ? MODULES : [])]) fetch(vendored(name)).catch(() => {});
    if (program) fetch(program).catch(() => {});
  }

  // The modules come when the shell is painted: compiling them would hold it up. In a tab that nobody sees nothing is painted.
  const PAINTED_MS = 250;
  let begun = !entry;
  const begin = () => {
    if (begun) return;
    begun = true;
    document.head.append(
      ...MODULES.map((name) => Object.assign(document.createElement('link'), { rel: 'modulepreload', href: vendored(name) })),
      Object.assign(document.createElement('script'), { type: 'module', src: entry }),
    );
  };
  void parsed.then(() => {
    if (document.hidden) begin();
    requestAnimationFrame(() => setTimeout(begin));
    setTimeout(begin, PAINTED_MS);
  });

  globalThis.nightshift = Object.freeze({
    mark: (/** @type {string} */ name) => performance.mark(`nightshift:${name}`),
    ready,
    fail,
    died,
  });
})();
