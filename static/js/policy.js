// The first script of the page: writes the content security policy before anything else is fetched or run.
// Beside this site and the provider, the page may speak only to the origins that the person has configured; they lie in localStorage
// under "nightshift:hosts" as a JSON list, and a new one counts from the next load of the page.
(() => {
  'use strict';
  const PROVIDER = 'https://api.openai.com';
  const ORIGIN = /^(?:https?|wss?):\/\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?$/i;

  const configured = () => {
    try {
      const list = JSON.parse(localStorage.getItem('nightshift:hosts') ?? '[]');
      return Array.isArray(list) ? list.filter((origin) => typeof origin === 'string' && ORIGIN.test(origin)) : [];
    } catch {
      return []; // storage refused by the browser, or damaged: the page then speaks to the provider only
    }
  };

  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src ${["'self'", ...new Set([PROVIDER, ...configured()])].join(' ')}`,
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  document.head.append(policy);
})();
