// What the page of tests/kit/stage.py does: it shows one state of the gallery after the other, and looks at how it is laid out.

const LEAST = 24; // CSS pixels of a target (WCAG 2.2, 2.5.8)
const TARGETS = 'a[href], button, input, select, textarea, summary, [role="button"], [role="option"], label.btn';

/**
 * @param {string} markup what #app shall hold
 * @param {string} theme
 */
function show(markup, theme) {
  const app = /** @type {HTMLElement} */ (document.querySelector('#app'));
  app.innerHTML = markup;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (app.querySelectorAll('*'))) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('data-var-')) element.style.setProperty(`--${name.slice('data-var-'.length)}`, value);
    }
  }
  for (const dialog of /** @type {NodeListOf<HTMLDialogElement>} */ (app.querySelectorAll('dialog[data-open]'))) dialog.showModal();
  /** @type {HTMLElement | null} */ (app.querySelector('dialog [data-autofocus]'))?.focus();
  document.documentElement.dataset.theme = theme;
  scrollTo(0, 0);
}

/** @param {Element | null} element */
const kindOf = (element) => (element ? `${element.localName}${[...element.classList].map((one) => `.${one}`).join('')}` : '');

/** @param {Element} element */
const named = (element) => {
  const id = element.id ? `#${element.id}` : '';
  const words = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40);
  return `${kindOf(element.parentElement)} > ${kindOf(element)}${id} “${words}”`;
};

/** @param {Element} element */
function isSeen(element) {
  if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.visually-hidden, .skip')) return false;
  const { width, height } = element.getBoundingClientRect();
  return width > 1 && height > 1;
}

/**
 * Whether something around it scrolls or cuts it off sideways.
 * @param {Element} element
 */
function isHeld(element) {
  for (let one = element.parentElement; one && one.localName !== 'body'; one = one.parentElement) {
    const style = getComputedStyle(one);
    if (style.overflowX !== 'visible') return true;
    if (style.position === 'fixed') return false;
  }
  return false;
}

/**
 * A link or button in a line of text takes the height of the line (2.5.8 lets it).
 * @param {Element} element
 */
function isInLine(element) {
  const style = getComputedStyle(element);
  if (!style.display.startsWith('inline')) return false;
  const around = element.parentElement?.textContent?.trim() ?? '';
  return around.length > (element.textContent?.trim() ?? '').length && !['flex', 'grid'].includes(parentDisplay(element));
}

/** @param {Element} element */
const parentDisplay = (element) => getComputedStyle(/** @type {Element} */ (element.parentElement)).display.replace('inline-', '');

/**
 * How wide and how high what can be pressed is: its label belongs to a control.
 * @param {Element} element
 */
function target(element) {
  const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
  const boxes = [element, ...labels].map((one) => one.getBoundingClientRect());
  return {
    width: Math.max(...boxes.map((one) => one.right)) - Math.min(...boxes.map((one) => one.left)),
    height: Math.max(...boxes.map((one) => one.bottom)) - Math.min(...boxes.map((one) => one.top)),
  };
}

/** @param {Element} root @returns {string[][]} */
function tooSmall(root) {
  return [...root.querySelectorAll(TARGETS)]
    .filter((one) => isSeen(one) && !isInLine(one) && !(one instanceof HTMLInputElement && one.type === 'file'))
    .filter((one) => !(/** @type {HTMLButtonElement} */ (one).disabled) && one.getAttribute('tabindex') !== '-1')
    .map((one) => ({ one, ...target(one) }))
    .filter(({ width, height }) => Math.min(width, height) < LEAST - 0.5)
    .map(({ one, width, height }) => ['target', `${named(one)} is ${Math.round(width)} × ${Math.round(height)}`]);
}

/** @param {Element} root @returns {string[][]} */
function beyond(root) {
  const { clientWidth, scrollWidth } = document.documentElement;
  const found = [...root.querySelectorAll('*')]
    .filter((one) => isSeen(one) && !(one instanceof SVGElement && one.localName !== 'svg'))
    .filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return (right > clientWidth + 1 || left < -1) && !isHeld(one);
    })
    .map((one) => ['sideways', `${named(one)} reaches beyond the screen`]);
  return scrollWidth > clientWidth && !found.length ? [['sideways', `the page is ${scrollWidth} wide`]] : found;
}

/** @param {Element} root @returns {string[][]} */
function cut(root) {
  return [...root.querySelectorAll('*')]
    .filter((one) => one instanceof HTMLElement && !(one instanceof HTMLTextAreaElement) && !one.closest('[aria-hidden="true"]'))
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim()))
    .filter((one) => isSeen(one) && !one.closest('[title]'))
    .map((one) => ({ one, by: cutter(one) }))
    .filter(({ by }) => by !== null)
    .map(({ one }) => ['cut', `${named(one)} is cut and has no title`]);
}

/**
 * What cuts off a text at its side, and does not scroll.
 * @param {Element} element
 */
function cutter(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const text = range.getBoundingClientRect();
  /** @type {Element | null} */
  let one = element;
  for (; one && one.localName !== 'body'; one = one.parentElement) {
    const style = getComputedStyle(one);
    if (style.overflowX === 'auto' || style.overflowX === 'scroll') return null;
    const box = one.getBoundingClientRect();
    if (style.overflowX !== 'visible' && (text.right > box.right + 1 || text.left < box.left - 1)) return one;
  }
  return null;
}

/** What is wrong with the layout: pairs of a kind and a sentence. */
function layout() {
  const root = document.querySelector('dialog[open]') ?? document.body;
  return [...beyond(root), ...tooSmall(root), ...cut(root)];
}

/** What still moves where nothing shall: with less motion. */
function moving() {
  return document
    .getAnimations()
    .filter((one) => Number(one.effect?.getComputedTiming().duration ?? 0) > 1)
    .map((one) => ['motion', named(/** @type {KeyframeEffect} */ (one.effect).target ?? document.body)]);
}

/**
 * What axe finds.
 * @param {string[]} rules these only; where there are none, all
 * @param {string[]} without
 */
async function axeFinds(rules, without) {
  const { violations } = await /** @type {any} */ (window).axe.run(document, {
    runOnly: rules.length
      ? { type: 'rule', values: rules }
      : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
    rules: Object.fromEntries(without.map((one) => [one, { enabled: false }])),
    resultTypes: ['violations'],
    preload: false,
    iframes: false,
  });
  return violations.flatMap((/** @type {any} */ one) =>
    one.nodes.map((/** @type {any} */ node) => [
      one.id,
      `${node.target.join(' ')}: ${[...node.any, ...node.all, ...node.none].map((each) => each.message).join('; ')}`,
    ]),
  );
}

/**
 * The share of pixels by which two pictures differ, as numbers from 0 to 1; 1 where they are of another size.
 * @param {string} before data: addresses
 * @param {string} after
 */
async function difference(before, after) {
  const [one, other] = await Promise.all([before, after].map(pixels));
  if (!one || !other || one.width !== other.width || one.height !== other.height) return 1;
  let different = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    const far = [0, 1, 2].some((part) => Math.abs(Number(one.data[at + part]) - Number(other.data[at + part])) > 48);
    if (far) different += 1;
  }
  return (4 * different) / one.data.length;
}

/** @param {string} address */
async function pixels(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height);
}

Object.assign(window, { stage: { show, layout, moving, axeFinds, difference } });
