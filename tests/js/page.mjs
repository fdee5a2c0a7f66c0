// What the page's modules find in a browser when they are imported, as far as Node has it not. Import it before them.
const page = new EventTarget();

let policy = '';

/** @param {string} content of the policy in the page; empty: it has none */
export const setPolicy = (content) => {
  policy = content;
};

/** @param {boolean} online */
export const setOnline = (online) => {
  Object.defineProperty(globalThis, 'navigator', { value: { onLine: online }, configurable: true, writable: true });
};

const found = {
  addEventListener: page.addEventListener.bind(page),
  removeEventListener: page.removeEventListener.bind(page),
  dispatchEvent: page.dispatchEvent.bind(page),
};
Object.assign(globalThis, {
  ...found,
  location: new URL('https://page.example/app/#/threads'),
  document: { ...found, baseURI: 'https://page.example/app/', querySelector: () => (policy ? { content: policy } : null) },
});
setOnline(true);

/**
 * What a promise rejects with; an error of the test's own when it resolves.
 * @param {PromiseLike<unknown>} promise
 * @returns {Promise<Error>}
 */
export const rejection = async (promise) => {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw new Error(`rejected with ${typeof error}, which is no native Error`);
    return error;
  }
  throw new Error('it resolved');
};
