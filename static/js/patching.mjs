// Turns the DOM under one element into what a view says, keeping what belongs to the person: the field being typed in, focus, selection, scroll
// positions, and which <details> are open.
//
// A view may carry
//   data-var-NAME="…"      sets the custom property --NAME (the policy forbids style attributes)
//   data-autofocus="…"     takes the focus when it appears or its value changes
//   data-own               a field whose text is the person's alone and stands in no markup (a key)
//   data-value-rev="…"     when it changes, the field's value is set even while it is being typed in
//   <dialog data-open>     is shown as a modal while the attribute is there
import { Idiomorph } from '../vendor/idiomorph.mjs';

const TEXTUAL = new Set(['text', 'search', 'url', 'tel', 'email', 'password', 'number', 'date', 'time', 'datetime-local', 'month', 'week']);

const properties = new WeakMap(); // element -> Map of the custom properties that we set
const AUTOFOCUS = 'data-autofocus';
const focused = new WeakMap(); // element -> the value of data-autofocus that was obeyed
const replaced = new Set(); // fields whose typed text gives way in this patch
const closing = new WeakSet(); // dialogs that we close ourselves

let drawsProperties = false;

export function patch(root, html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  const active = document.activeElement;
  const draws = html.includes('data-var-');
  const wasDrawing = drawsProperties;
  drawsProperties = draws || wasDrawing;
  Idiomorph.morph(root, template.content, {
    morphStyle: 'innerHTML',
    callbacks: { beforeNodeMorphed, beforeAttributeUpdated, afterNodeMorphed, afterNodeAdded, beforeNodeRemoved },
  });
  drawsProperties = draws;
  replaced.clear();
  keepFocus(root, active);
  showDialogs(root);
  autofocus(root);
}

// Whether a dialog's close event comes from a patch and not from the person.
export const closedByPatch = (dialog) => closing.delete(dialog);

function beforeNodeMorphed(old, wanted) {
  if (old.nodeType !== Node.ELEMENT_NODE) return;
  const rev = wanted.getAttribute('data-value-rev');
  if (rev !== null && rev !== old.getAttribute('data-value-rev')) replaced.add(old);
}

// false keeps the attribute (and, for `value`, the field's content) as it is
function beforeAttributeUpdated(name, element, kind) {
  if (name === 'style') return false;
  if (name === 'open') return !(element.localName === 'details' || element.localName === 'dialog');
  if (name === 'value' && element.hasAttribute('data-own')) return false;
  if (name === 'value') return replaced.has(element) || !isTypedIn(element);
  if (kind === 'remove' && name === AUTOFOCUS) focused.delete(element);
  return true;
}

const isTypedIn = (element) =>
  element === document.activeElement && (element.localName === 'textarea' || (element.localName === 'input' && TEXTUAL.has(element.type)));

function afterNodeMorphed(old) {
  if (drawsProperties && old.nodeType === Node.ELEMENT_NODE) setProperties(old);
}

function afterNodeAdded(node) {
  if (!drawsProperties || node.nodeType !== Node.ELEMENT_NODE) return;
  setProperties(node);
  for (const element of node.querySelectorAll('*')) setProperties(element);
}

function setProperties(element) {
  const before = properties.get(element);
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

// A modal dialog that vanishes while open would take the focus with it; closing it gives the focus back.
function beforeNodeRemoved(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  if (node.matches('dialog[open]')) close(node);
  for (const dialog of node.querySelectorAll('dialog[open]')) close(dialog);
}

function close(dialog) {
  closing.add(dialog);
  dialog.close();
}

function showDialogs(root) {
  for (const dialog of root.querySelectorAll('dialog')) {
    const wanted = dialog.hasAttribute('data-open');
    if (wanted && !dialog.open) {
      closing.delete(dialog);
      dialog.showModal();
      for (const element of dialog.querySelectorAll(`[${AUTOFOCUS}]`)) focused.delete(element);
    } else if (!wanted && dialog.open) {
      close(dialog);
    }
  }
}

function keepFocus(root, active) {
  if (!active?.id || document.activeElement === active) return;
  if (document.activeElement && document.activeElement !== document.body) return;
  const heir = document.getElementById(active.id);
  if (heir && root.contains(heir)) heir.focus({ preventScroll: true });
}

function autofocus(root) {
  for (const element of root.querySelectorAll(`[${AUTOFOCUS}]`)) {
    const value = element.getAttribute(AUTOFOCUS);
    if (focused.get(element) === value) continue;
    focused.set(element, value);
    element.focus();
  }
}
