// One delegated listener for each kind of event. An element says what an event on it means by an attribute that holds an action as JSON; what goes to
// Python is one JSON text: {"action": …, "value": …, "extra": {…}}. Everything that is no element's event goes as {"notice": name, "value": …}.
//
//   data-click, data-input, data-change, data-scroll, data-close (a dialog that the person closed)
//   data-once         a double click on it counts once
//   data-key          {"Alt+ArrowUp": action, …} for keys pressed in the element
//   data-paste        pasted files (pasted text stays the browser's affair)
//   data-drop         dropped files (dragged text likewise)
//   data-most         how many characters a field takes at once, of any kind and of ASCII
//   data-max-bytes    files above it are named, not read;  data-read="text" | "dataurl"  (default: images as data: URL, the rest as text),
//                     or "blob": the file stays here, and its token goes to Python (files.mjs)
import { keep } from './files.mjs';
import { closedByPatch } from './patching.mjs';

const MODIFIED = ['ctrlKey', 'altKey', 'shiftKey', 'metaKey'];

const early = []; // what was told before anybody listened
let report = (text) => early.push(text);

// Hands every event to `handler` from now on.
export function listen(handler) {
  report = handler;
  for (const text of early.splice(0)) report(text);
  for (const [type, listener, options] of LISTENERS) document.addEventListener(type, listener, options);
  addEventListener('hashchange', () => notice('route', location.hash));
  addEventListener('online', () => notice('online'));
  addEventListener('offline', () => notice('offline'));
  document.addEventListener('visibilitychange', () => notice(document.visibilityState));
}

// Nobody listens any more.
addEventListener('nightshift:died', () => {
  report = () => {};
});

export function notice(name, value = null) {
  report(JSON.stringify({ notice: name, value }));
}

// `action` is JSON already and goes through untouched.
function send(action, value = null, extra = {}) {
  report(`{"action":${action},"value":${JSON.stringify(value)},"extra":${JSON.stringify(extra)}}`);
}

const carrier = (event, attribute) => event.target?.closest?.(`[${attribute}]`);

const inert = (element) => element.matches(':disabled') || element.closest('[aria-disabled="true"]') !== null;

const modifiers = (event) => ({ ctrl: event.ctrlKey || event.metaKey, alt: event.altKey, shift: event.shiftKey });

// --- values ---

function valueOf(field) {
  switch (field.localName) {
    case 'input':
      return field.type === 'checkbox' ? field.checked : field.value;
    case 'select':
      return field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value;
    case 'textarea':
    case 'button':
      return field.value;
    default:
      return null;
  }
}

// --- files ---

function read(file, how) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    if (how === 'dataurl') reader.readAsDataURL(file);
    else reader.readAsText(file);
  });
}

async function sendFiles(element, attribute, files, extra) {
  const action = element.getAttribute(attribute);
  const limit = Number(element.dataset.maxBytes ?? Infinity);
  const value = await Promise.all(
    [...files].map(async (file) => {
      const about = { name: file.name, type: file.type, size: file.size };
      if (file.size > limit) return { ...about, error: 'too_big' };
      if (element.dataset.read === 'blob') return { ...about, token: keep(file) };
      try {
        return { ...about, data: await read(file, element.dataset.read ?? (file.type.startsWith('image/') ? 'dataurl' : 'text')) };
      } catch {
        return { ...about, error: 'unreadable' };
      }
    }),
  );
  send(action, value, extra);
}

// --- listeners ---

const plain = (attribute) => (event) => {
  const element = carrier(event, attribute);
  if (!element || inert(element)) return;
  const field = valueOf(event.target) === null ? element : event.target;
  if (field.type === 'file') {
    const files = [...field.files];
    field.value = ''; // so that the same file can be chosen again
    if (files.length) sendFiles(element, attribute, files, modifiers(event));
    return;
  }
  send(element.getAttribute(attribute), valueOf(field), modifiers(event));
};

let firstClick = null; // the action that the first click of a series was on

function onClick(event) {
  const element = carrier(event, 'data-click');
  const action = element?.getAttribute('data-click') ?? null;
  if (event.detail <= 1) firstClick = action;
  else if (action !== firstClick) return; // the page changed in between: who clicks twice means what was there before
  if (!element) return;
  if (event.detail > 1 && element.hasAttribute('data-once')) return; // the second click of a double click
  const link = element.localName === 'a' && element.href;
  if (link && MODIFIED.some((key) => event[key])) return; // a new tab, as the person asked
  if (link || inert(element)) event.preventDefault();
  if (!inert(element)) send(action, valueOf(element), modifiers(event));
}

function combination(event) {
  const printable = event.key.length === 1;
  const key = event.key === ' ' ? 'Space' : printable ? event.key.toLowerCase() : event.key;
  const named = [
    [event.ctrlKey || event.metaKey, 'Ctrl'],
    [event.altKey, 'Alt'],
    [event.shiftKey && (!printable || event.key === ' ' || /\p{L}/u.test(event.key)), 'Shift'],
  ];
  return [...named.filter(([held]) => held).map(([, name]) => name), key].join('+');
}

const writes = (element) => element.isContentEditable || element.matches?.('input:not([type=checkbox], [type=radio], [type=button]), textarea, select');

function onKey(event) {
  if (event.isComposing || !event.key) return;
  const keys = combination(event);
  const types = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && writes(event.target);
  for (let element = carrier(event, 'data-key'); element; element = element.parentElement?.closest('[data-key]')) {
    if (types && element !== event.target) continue;
    const action = JSON.parse(element.getAttribute('data-key'))[keys];
    if (action === undefined) continue;
    event.preventDefault();
    if (!inert(element)) send(JSON.stringify(action), valueOf(event.target), { ...modifiers(event), key: keys });
    return;
  }
}

const scrolled = new Set();

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.isConnected) later(target);
    else sizes.unobserve(target);
  }
});

// Tells a scroller's measures once it is there and whenever its size changes, as if it had been scrolled.
export function measure(root) {
  for (const element of root.querySelectorAll('[data-scroll]')) sizes.observe(element);
}

function later(element) {
  if (!scrolled.size) requestAnimationFrame(tellScrolled);
  scrolled.add(element);
}

function tellScrolled() {
  const elements = [...scrolled];
  scrolled.clear();
  for (const element of elements) {
    if (!element.isConnected || !element.hasAttribute('data-scroll')) continue;
    const { scrollTop, scrollLeft, scrollHeight, clientHeight, clientWidth } = element;
    send(element.getAttribute('data-scroll'), null, { scrollTop, scrollLeft, scrollHeight, clientHeight, clientWidth });
  }
}

function onScroll(event) {
  if (event.target instanceof Element && event.target.hasAttribute('data-scroll')) later(event.target);
}

function onPaste(event) {
  const element = carrier(event, 'data-paste');
  const files = event.clipboardData?.files;
  if (!element || !files?.length || inert(element)) return;
  event.preventDefault();
  sendFiles(element, 'data-paste', files, {});
}

const SOME = 10_000; // characters that nobody types at once
const ASCII = /^[\0-\x7f]*$/;

// A text that is too large to be laid out is not put into a field: the program is given what the field would hold, and shows what it can. A field says by
// data-most how many characters it takes, of any kind and of ASCII; one that does not say it takes a line.
function onBeforeInput(event) {
  const field = event.target;
  const more = event.data ?? event.dataTransfer?.getData('text/plain') ?? '';
  if (more.length < SOME || !('value' in field)) return;
  const [any, ascii] = (field.dataset.most ?? `${SOME} ${SOME}`).split(' ').map(Number);
  const { value, selectionStart, selectionEnd } = field;
  const whole = value.slice(0, selectionStart) + more + value.slice(selectionEnd);
  if (whole.length <= any || (whole.length <= ascii && ASCII.test(whole))) return;
  event.preventDefault();
  if (field.dataset.most && field.dataset.input) send(field.dataset.input, whole);
  else notice('toolong', { length: more.length, name: field.ariaLabel ?? field.labels?.[0]?.textContent ?? '' });
}

const bringsFiles = (event) => event.dataTransfer?.types.includes('Files'); // dragged text stays the browser's affair

function onDragOver(event) {
  const element = carrier(event, 'data-drop');
  if (!element || inert(element) || !bringsFiles(event)) return;
  event.preventDefault();
  element.dataset.over = '';
}

function onDragLeave(event) {
  const element = carrier(event, 'data-drop');
  if (element && !element.contains(event.relatedTarget)) delete element.dataset.over;
}

function onDrop(event) {
  const element = carrier(event, 'data-drop');
  if (!element || !bringsFiles(event)) return;
  event.preventDefault();
  delete element.dataset.over;
  const { files } = event.dataTransfer;
  if (files.length && !inert(element)) sendFiles(element, 'data-drop', files, {});
}

function onClose(event) {
  const dialog = event.target;
  if (dialog.localName !== 'dialog' || closedByPatch(dialog)) return;
  if (dialog.open) return; // the event comes late: a patch closed it and another has opened it since
  if (dialog.hasAttribute('data-close')) send(dialog.getAttribute('data-close'));
}

const LISTENERS = [
  ['click', onClick],
  ['beforeinput', onBeforeInput],
  ['input', plain('data-input')],
  ['change', plain('data-change')],
  ['keydown', onKey],
  ['paste', onPaste],
  ['dragover', onDragOver],
  ['dragleave', onDragLeave],
  ['drop', onDrop],
  ['scroll', onScroll, { capture: true, passive: true }],
  ['close', onClose, { capture: true }], // neither bubbles
];
