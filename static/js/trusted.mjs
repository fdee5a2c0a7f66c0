// Where markup becomes elements: with Trusted Types (policy.js) the browser takes it from here alone, and refuses a plain string anywhere else.
// What comes is what Python's views wrote, escaped (app/ui/base/drawing.py).

/** @type {{ createHTML: (html: string) => string } | undefined} */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy('nightshift', {
  createHTML: (/** @type {string} */ html) => html,
});

/**
 * @param {string} html
 * @returns {HTMLTemplateElement} that holds it; nothing in it runs or loads
 */
export function templateOf(html) {
  const template = document.createElement('template');
  template.innerHTML = policy ? policy.createHTML(html) : html;
  return template;
}
