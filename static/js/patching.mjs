// Turns the DOM under one element into what a view says, keeping what belongs to the person: the field being typed in, focus, selection, scroll
// positions, and which <details> are open.
//
// A view may carry
//   data-var-NAME="…"      sets the custom property --NAME (the policy forbids style attributes)
//   data-in-sight          is scrolled into sight when it gets the attribute; one element has it, if any
//   data-autofocus="…"     takes the focus when it appears or its value changes, unless the person moved it since they asked
//   data-focus="ID N"      the element with this id takes the focus, likewise, as soon as it is there; one element has it, if any
//   data-own               a field whose text is the person's alone and stands in no markup (a key)
//   data-value-rev="…"     when it changes, the field's value is set even while it is being typed in
//   data-caret="…"         the caret stands there when the field's value is set so; it takes the focus
//   <dialog data-open>     is shown as a modal while the attribute is there
import { Idiomorph } from '../vendor/idiomorph.mjs';
import { settle } from './scrolling.mjs';
import { templateOf } from './trusted.mjs';

const TEXTUAL = new Set([
  'range',
  'text',
  'search',
  'url',
  'tel',
  'email',
  'password',
  'number',
  'date',
  'time',
  'datetime-local',
  'month',
  'week',
]);

/** @type {WeakMap<HTMLElement, Map<string, string>>} */
const properties = new WeakMap(); // element -> Map of the custom properties that we set
const AUTOFOCUS = 'data-autofocus';
/** @type {WeakMap<Element, string | null>} */
const focused = new WeakMap(); // element -> the value of data-autofocus that was obeyed
/** @type {Set<Element>} */
const replaced = new Set(); // fields whose typed text gives way in this patch
/** @type {WeakSet<HTMLDialogElement>} */
const closing = new WeakSet(); // dialogs that we close ourselves
/** @type {WeakSet<HTMLDialogElement>} */
const shown = new WeakSet(); // open, or closed by a person of whom the program has not heard yet

/** @typedef {{ element: Element, near: Element[] }} Place an element and what stands near it */
/** @type {Place | null} */
let opener = null; // what had the focus when the dialog that is open came: with it, it gets the focus back, or else what stood near it

let drawsProperties = false;

let wentOn = false; // the person moved the focus since they last did what a drawing may answer by moving it

/** The person moves the focus themselves. */
export const goesOn = () => {
  wentOn = true;
};

/** The person does what a drawing may answer by moving the focus. */
export const asks = () => {
  wentOn = false;
};

// A drawing that comes late takes the focus from nobody who went on meanwhile; one whose element is gone went nowhere.
const stays = () => wentOn && document.activeElement !== null && document.activeElement !== document.body;

/**
 * @param {HTMLElement} root
 * @param {string} html
 */
export function patch(root, html) {
  const template = templateOf(html);
  const active = held();
  const near = active && root.contains(active) ? neighbours(root, active) : null;
  if (opener?.element.isConnected) opener.near = neighbours(root, opener.element);
  const list = /** @type {HTMLElement | null | undefined} */ (active?.closest('[data-rows]'));
  const draws = html.includes('data-var-');
  const wasDrawing = drawsProperties;
  drawsProperties = draws || wasDrawing;
  void Idiomorph.morph(root, template.content, {
    morphStyle: 'innerHTML',
    callbacks: { beforeNodeMorphed, beforeAttributeUpdated, afterNodeMorphed, afterNodeAdded, beforeNodeRemoved },
  });
  drawsProperties = draws;
  const written = [...replaced].filter((field) => field.getAttribute('data-caret'));
  replaced.clear();
  settle(root);
  keepFocus(root, active);
  if (list?.isConnected && !active?.isConnected && document.activeElement === document.body) list.focus({ preventScroll: true }); // its row left
  showDialogs(root, active && near ? { element: active, near } : null);
  autofocus(root);
  sendFocus(root);
  if (opener && !isOpen(root)) handOn(opener.element, opener.near);
  else if (active && near) handOn(active, near);
  if (!isOpen(root)) opener = null;
  for (const field of written) if (field === document.activeElement || !stays()) setCaret(/** @type {HTMLTextAreaElement} */ (field));
  reveal(root);
}

/** @param {HTMLTextAreaElement} field */
function setCaret(field) {
  const at = Number(field.dataset.caret);
  field.focus({ preventScroll: true });
  field.setSelectionRange(at, at);
}

/**
 * Whether a dialog's close event comes from a patch and not from the person.
 * @param {HTMLDialogElement} dialog
 */
export const closedByPatch = (dialog) => closing.delete(dialog);

/**
 * The program hears of it: where it keeps the dialog, the next patch opens it again.
 * @param {HTMLDialogElement} dialog
 */
export const closedByPerson = (dialog) => shown.delete(dialog);

/**
 * Idiomorph's own declarations say that nodes are elements: they may be texts and comments as well.
 * @param {Node} node
 * @returns {node is HTMLElement}
 */
const isElement = (node) => node.nodeType === Node.ELEMENT_NODE;

/**
 * @param {Node} old
 * @param {Node} wanted
 */
function beforeNodeMorphed(old, wanted) {
  if (!isElement(old)) return true;
  const rev = /** @type {Element} */ (wanted).getAttribute('data-value-rev');
  if (rev !== null && rev !== old.getAttribute('data-value-rev')) replaced.add(old);
  return true;
}

/**
 * false keeps the attribute (and, for `value`, the field's content) as it is
 * @param {string} name
 * @param {Element} element
 * @param {'update' | 'remove'} kind
 */
function beforeAttributeUpdated(name, element, kind) {
  if (name === 'style') return false;
  if (name === 'open') return !(element.localName === 'details' || element.localName === 'dialog');
  if (name === 'value' && element.hasAttribute('data-own')) return false;
  if (name === 'tabindex' && kind === 'remove') return element.localName !== 'h1'; // it has, or had, the focus
  if (name === 'value') return replaced.has(element) || !isTypedIn(element);
  if (kind === 'remove' && name === AUTOFOCUS) focused.delete(element);
  return true;
}

/** @param {Element} element */
const isTypedIn = (element) =>
  element === document.activeElement &&
  (element.localName === 'textarea' || (element instanceof HTMLInputElement && TEXTUAL.has(element.type)));

/** @param {Node} old */
function afterNodeMorphed(old) {
  if (drawsProperties && isElement(old)) setProperties(old);
}

/** @param {Node} node */
function afterNodeAdded(node) {
  if (!drawsProperties || !isElement(node)) return;
  setProperties(node);
  for (const element of node.querySelectorAll('*')) setProperties(/** @type {HTMLElement} */ (element));
}

/** @param {HTMLElement} element */
function setProperties(element) {
  const before = properties.get(element);
  /** @type {Map<string, string> | null} */
  let now = null;
  for (const { name, value } of element.attributes) {
    if (!name.startsWith('data-var-')) continue;
    const property = `--${name.slice('data-var-'.length)}`;
    now ??= new Map();
    now.set(property, value);
    if (before?.get(property) !== value) element.style.setProperty(property, value);
  }
  if (before) for (const property of before.keys()) if (!now?.has(property)) element.style.removeProperty(property);
  if (now) properties.set(element, now);
  else if (before) properties.delete(element);
}

/**
 * A modal dialog that vanishes while open would take the focus with it; closing it gives the focus back.
 * @param {Node} node
 */
function beforeNodeRemoved(node) {
  if (!isElement(node)) return true;
  if (node instanceof HTMLDialogElement && node.open) close(node);
  for (const dialog of dialogsIn(node)) if (dialog.open) close(dialog);
  return true;
}

/** @param {Element} root */
const dialogsIn = (root) => root.querySelectorAll('dialog');

/** @param {HTMLDialogElement} dialog */
function close(dialog) {
  closing.add(dialog);
  shown.delete(dialog);
  dialog.close();
}

/** @param {Element} root */
const isOpen = (root) => [...dialogsIn(root)].some((dialog) => dialog.open);

/**
 * @param {Element} root
 * @param {Place | null} from what has had the focus until now
 */
function showDialogs(root, from) {
  for (const dialog of dialogsIn(root)) {
    const wanted = dialog.hasAttribute('data-open');
    if (wanted && !dialog.open) {
      if (shown.has(dialog)) continue; // a person has just closed it, and its event is on the way: it is not opened again over that
      closing.delete(dialog);
      dialog.showModal();
      opener ??= from; // one that comes in the place of another ends where that began
      shown.add(dialog);
      asks(); // it has the focus in any case
      for (const element of dialog.querySelectorAll(`[${AUTOFOCUS}]`)) focused.delete(element);
    } else if (!wanted && dialog.open) {
      close(dialog);
    }
  }
}

/**
 * @param {Element} root
 * @param {Element | null} active
 */
function keepFocus(root, active) {
  if (!active || document.activeElement === active) return;
  if (document.activeElement && document.activeElement !== document.body) return;
  const view = active.localName === 'h1' ? root.querySelector('main') : null; // its heading is another one now
  if (view) beginning(view).focus({ preventScroll: true });
  if (!active.id) return;
  const heir = document.getElementById(active.id);
  if (heir && root.contains(heir)) heir.focus({ preventScroll: true });
}

// --- the focus is never lost: what takes it away hands it on

const FOCUSABLE = 'a[href], button, input, select, textarea, summary, [tabindex]';
const MOST_NEAR = 100;

/** @type {Element | null} */
let holder = null; // what had the focus when it was disabled: the browser takes it away some time later

/** The element that has the focus, or had it until it was disabled. */
function held() {
  const active = document.activeElement;
  return (active === null || active === document.body) && holder?.isConnected ? holder : active;
}

/**
 * Where the focus goes when the element vanishes: to what comes after it, before it or around it, from near to far.
 * @param {Element} root
 * @param {Element} active
 */
function neighbours(root, active) {
  const found = [];
  for (let one = active; one.parentElement && one.parentElement !== root && found.length < MOST_NEAR; one = one.parentElement) {
    for (let next = one.nextElementSibling; next && found.length < MOST_NEAR; next = next.nextElementSibling) found.push(next);
    if (one.previousElementSibling) found.push(one.previousElementSibling);
    found.push(one.parentElement);
  }
  return found;
}

/** @param {Element} element */
const takes = (element) => element.matches(FOCUSABLE) && !element.matches(':disabled, [tabindex="-1"]') && element.checkVisibility();

/** @param {Element} element */
const nameOf = (element) => element.getAttribute('aria-label') ?? element.textContent;

/**
 * @param {Element} active what had the focus before
 * @param {Element[]} near
 */
function handOn(active, near) {
  const now = document.activeElement;
  const lost = now === null || now === document.body;
  holder = active.isConnected && active.matches(':disabled') && (lost || now === active) ? active : null;
  if (!lost || holder) return;
  if (active.isConnected && takes(active)) return focusOn(active);
  const name = nameOf(active); // «Delete» of the next row rather than what that row begins with
  for (const place of near) {
    if (!place.isConnected) continue;
    const heirs = [place, ...place.querySelectorAll(FOCUSABLE)].filter(takes);
    if (heirs.length) return focusOn(heirs.find((one) => nameOf(one) === name) ?? heirs[0]);
  }
  focusOn(document.querySelector('main'));
}

/** @param {Element | null | undefined} element */
const focusOn = (element) => /** @type {HTMLElement | null | undefined} */ (element)?.focus({ preventScroll: true });

/** @type {Element | null} */
let revealed = null;

/** @param {Element} root */
function reveal(root) {
  const wanted = root.querySelector('[data-in-sight]');
  if (wanted !== revealed) wanted?.scrollIntoView({ block: 'nearest' });
  revealed = wanted;
}

/** @param {Element} root */
function autofocus(root) {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(`[${AUTOFOCUS}]`))) {
    const value = element.getAttribute(AUTOFOCUS);
    if (focused.get(element) === value) continue;
    focused.set(element, value);
    if (stays()) continue;
    const target = beginning(element);
    if (target !== element) target.blur(); // the heading of the view before may have become that of this one: it is read out anew
    target.focus();
  }
}

let sent = ''; // the value of data-focus that was obeyed

/** @param {Element} root */
function sendFocus(root) {
  const wanted = root.querySelector('[data-focus]')?.getAttribute('data-focus') ?? '';
  const element = wanted === sent ? null : document.getElementById(wanted.slice(0, wanted.lastIndexOf(' ')));
  if (!element) return; // the view that has it comes with another drawing
  sent = wanted;
  if (!stays()) element.focus();
}

/**
 * Where the focus goes: of a view to its heading, so that a screen reader says where one is, and Tab goes on from there.
 * @param {HTMLElement} element
 */
function beginning(element) {
  const heading = element.localName === 'main' ? element.querySelector('h1') : null;
  if (heading) heading.tabIndex = -1;
  return heading ?? element;
}
