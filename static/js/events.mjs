// One delegated listener for each kind of event. An element says what an event on it means by an attribute that holds an action as JSON; what goes to
// Python is one JSON text: {"action": …, "value": …, "extra": {…}}. Everything that is no element's event goes as {"notice": name, "value": …}.
//
//   data-click, data-input, data-change, data-scroll (scrolling.mjs), data-close (a dialog that the person closed)
//   data-once         a double click on it counts once
//   data-key          {"Alt+ArrowUp": action, …} for keys pressed in the element
//   data-page-key     the same, for keys pressed anywhere in the page that mean nothing where they are pressed; one element has it, if any. While a
//                     dialog is open they do not count
//   data-paste        pasted files (pasted text stays the browser's affair)
//   data-drop         dropped files (dragged text likewise), and
//   data-page-drop    those that are dropped anywhere else; one element has it, if any (dropping.mjs)
//   data-caret        an event of the field says where its caret stands; patching.mjs sets it
//   data-inserts      a click in it says in which field with data-caret the focus was last, and what was selected there
//   data-most         how many characters a field takes at once, of any kind and of ASCII
//   data-max-bytes    files above it are named, not read;  data-read="text" | "dataurl"  (default: images as data: URL, the rest as text),
//                     or "blob": the file stays here, and its token goes to Python (files.mjs), with one for all of them together
/** @import { DroppedFile, GivenFile, Notices } from './types/protocol.ts' */
import { dropTo, LISTENERS as DROPPING } from './dropping.mjs';
import { keep } from './files.mjs';
import { asks, closedByPatch, closedByPerson, goesOn } from './patching.mjs';
import { LISTENERS as SCROLLING, tellTo } from './scrolling.mjs';

const MODIFIED = /** @type {const} */ (['ctrlKey', 'altKey', 'shiftKey', 'metaKey']);

/** @type {string[]} */
const early = []; // what was told before anybody listened
/** @type {(text: string) => unknown} */
let report = (text) => early.push(text);

/**
 * Hands every event to `handler` from now on.
 * @param {(text: string) => void} handler
 */
export function listen(handler) {
  report = handler;
  for (const text of early.splice(0)) report(text);
  for (const [type, listener, options] of LISTENERS) document.addEventListener(type, listener, options);
  addEventListener('hashchange', () => {
    asks();
    notice('route', location.hash);
  });
  addEventListener('online', () => notice('online', null));
  addEventListener('offline', () => notice('offline', null));
  document.addEventListener('visibilitychange', () => notice(document.visibilityState, null));
}

// Nobody listens any more.
addEventListener('nightshift:died', () => {
  report = () => {};
});

/**
 * @template {keyof Notices} N
 * @param {N} name
 * @param {Notices[N]} value
 */
export function notice(name, value) {
  report(JSON.stringify({ notice: name, value }));
}

/**
 * `action` is JSON already and goes through untouched.
 * @param {string | null} action
 * @param {string | boolean | string[] | GivenFile[] | null} [value]
 * @param {object} [extra]
 */
function send(action, value = null, extra = {}) {
  report(`{"action":${action},"value":${JSON.stringify(value)},"extra":${JSON.stringify(extra)}}`);
}

tellTo((element, measures) => send(element.getAttribute('data-scroll'), null, measures));
dropTo((element, attribute, files) => void sendFiles(element, attribute, files, {}));

/**
 * The nearest element around the event's that says what the event means.
 * @param {Event} event
 * @param {string} attribute
 * @returns {HTMLElement | null}
 */
const carrier = (event, attribute) => (event.target instanceof Element ? event.target.closest(`[${attribute}]`) : null);

/** @param {Element} element */
const inert = (element) => element.matches(':disabled') || element.closest('[aria-disabled="true"]') !== null;

/** @param {Event} event */
const modifiers = (event) => {
  const { ctrlKey, metaKey, altKey, shiftKey } = /** @type {MouseEvent} */ (event); // or KeyboardEvent; others have none
  return { ctrl: ctrlKey || metaKey, alt: altKey, shift: shiftKey };
};

// --- values ---

/** @param {Element} element */
function fieldValue(element) {
  const field = /** @type {any} */ (element); // of these kinds
  switch (field.localName) {
    case 'input':
      return field.type === 'checkbox' ? field.checked : field.value;
    case 'select':
      return field.multiple ? Array.from(field.selectedOptions, (option) => option.value) : field.value;
    case 'textarea':
    case 'button':
      return field.value;
    default:
      return null;
  }
}

// --- files ---

/**
 * @param {File} file
 * @param {string} how
 * @returns {Promise<string>}
 */
function read(file, how) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(/** @type {string} */ (reader.result));
    reader.onerror = () => reject(reader.error);
    if (how === 'dataurl') reader.readAsDataURL(file);
    else reader.readAsText(file);
  });
}

/** @type {(files: Iterable<File>) => DroppedFile[]} */
const plainly = (files) => Array.from(files, (file) => ({ file, path: file.webkitRelativePath ?? '' }));

/**
 * @param {HTMLElement} element
 * @param {string} attribute
 * @param {DroppedFile[]} files
 * @param {object} extra
 */
async function sendFiles(element, attribute, files, extra) {
  const action = element.getAttribute(attribute);
  const limit = Number(element.dataset.maxBytes ?? Infinity);
  const stay = element.dataset.read === 'blob';
  const tokens = stay ? keep(files.map(({ file }) => file)) : [];
  /** @type {GivenFile[]} */
  const value = await Promise.all(
    files.map(async ({ file, path, error }, n) => {
      const about = { name: file.name, type: file.type, size: file.size, ...(path ? { path } : {}) };
      if (error) return { ...about, error };
      if (file.size > limit) return { ...about, error: 'too_big' };
      if (stay) return { ...about, token: tokens[n] };
      try {
        return { ...about, data: await read(file, element.dataset.read ?? (file.type.startsWith('image/') ? 'dataurl' : 'text')) };
      } catch {
        return { ...about, error: 'unreadable' };
      }
    }),
  );
  send(action, value, stay ? { ...extra, together: tokens.at(-1) } : extra);
}

// --- listeners ---

/**
 * @param {string} attribute
 * @returns {(event: Event) => void}
 */
const plain = (attribute) => (event) => {
  const element = carrier(event, attribute);
  if (!element || inert(element)) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const field = /** @type {HTMLInputElement} */ (fieldValue(target) === null ? element : target);
  if (field.type === 'file') {
    const files = [...(field.files ?? [])];
    field.value = ''; // so that the same file can be chosen again
    if (files.length) void sendFiles(element, attribute, plainly(files), modifiers(event));
    return;
  }
  const caret = field.dataset.caret === undefined ? {} : { caret: field.selectionStart };
  send(element.getAttribute(attribute), fieldValue(field), { ...modifiers(event), ...caret });
};

/** @type {object} */
let written = {}; // what is typed in the field with data-caret that had the focus last, and what was selected there

/** @param {FocusEvent} event */
function onFocusOut(event) {
  const field = /** @type {HTMLTextAreaElement} */ (event.target); // or an input, or none
  if (field.dataset.caret === undefined) return;
  written = { into: JSON.parse(field.dataset.input ?? 'null'), from: field.selectionStart, to: field.selectionEnd };
}

/** @type {string | null} */
let firstClick = null; // the action that the first click of a series was on

/** @param {MouseEvent} event */
function onClick(event) {
  const element = carrier(event, 'data-click');
  const action = element?.getAttribute('data-click') ?? null;
  if (event.detail <= 1) firstClick = action;
  else if (action !== firstClick) return; // the page changed in between: who clicks twice means what was there before
  if (!element) return;
  if (event.detail > 1 && element.hasAttribute('data-once')) return; // the second click of a double click
  const link = element instanceof HTMLAnchorElement && element.href;
  if (link && MODIFIED.some((key) => event[key])) return; // a new tab, as the person asked
  if (link || inert(element)) event.preventDefault();
  if (inert(element)) return;
  asks();
  send(action, fieldValue(element), { ...modifiers(event), ...(element.closest('[data-inserts]') ? written : {}) });
}

/** @param {KeyboardEvent} event */
function combination(event) {
  const printable = event.key.length === 1;
  const key = event.key === ' ' ? 'Space' : printable ? event.key.toLowerCase() : event.key;
  /** @type {[held: boolean, name: string][]} */
  const named = [
    [event.ctrlKey || event.metaKey, 'Ctrl'],
    [event.altKey, 'Alt'],
    [event.shiftKey && (!printable || event.key === ' ' || /\p{L}/u.test(event.key)), 'Shift'],
  ];
  return [...named.filter(([held]) => held).map(([, name]) => name), key].join('+');
}

/** @param {HTMLElement} element */
const writes = (element) =>
  element.isContentEditable || element.matches?.('input:not([type=checkbox], [type=radio], [type=button]), textarea, select');

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.isComposing || !event.key) return;
  if (event.key === 'Tab') goesOn();
  const target = /** @type {HTMLElement} */ (event.composedPath()[0]); // what is written in, also in the shadow of an editor
  if (target !== event.target && event.defaultPrevented) return; // the editor took it
  const keys = combination(event);
  const types = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && writes(target);
  for (let element = carrier(event, 'data-key'); element; element = element.parentElement?.closest('[data-key]') ?? null) {
    if (types && element !== target) continue; // a letter is typed
    const action = JSON.parse(element.getAttribute('data-key') ?? '')[keys];
    if (action === undefined) continue;
    event.preventDefault();
    if (inert(element)) return;
    asks();
    send(JSON.stringify(action), fieldValue(target), { ...modifiers(event), key: keys });
    return;
  }
  if (!types) onPageKey(event, keys);
}

/**
 * @param {KeyboardEvent} event
 * @param {string} keys
 */
function onPageKey(event, keys) {
  const action = JSON.parse(document.querySelector('[data-page-key]')?.getAttribute('data-page-key') ?? '{}')[keys];
  if (action === undefined || event.repeat || document.querySelector('dialog:modal')) return;
  event.preventDefault();
  asks();
  send(JSON.stringify(action), null, { ...modifiers(event), key: keys });
}

/** @param {ClipboardEvent} event */
function onPaste(event) {
  const element = carrier(event, 'data-paste');
  const files = event.clipboardData?.files;
  if (!element || !files?.length || inert(element)) return;
  event.preventDefault();
  void sendFiles(element, 'data-paste', plainly(files), {});
}

const SOME = 10_000; // characters that nobody types at once
const ASCII = /^[\0-\x7f]*$/;

/**
 * A text that is too large to be laid out is not put into a field: the program is given what the field would hold, and shows what it can. A field says
 * by data-most how many characters it takes, of any kind and of ASCII; one that does not say it takes a line.
 * @param {InputEvent} event
 */
function onBeforeInput(event) {
  const field = /** @type {HTMLTextAreaElement} */ (event.target); // or an input, or none
  const more = event.data ?? event.dataTransfer?.getData('text/plain') ?? '';
  if (more.length < SOME || !('value' in field)) return;
  const [any = SOME, ascii = SOME] = (field.dataset.most ?? `${SOME} ${SOME}`).split(' ').map(Number);
  const { value, selectionStart, selectionEnd } = field;
  const whole = value.slice(0, selectionStart) + more + value.slice(selectionEnd);
  if (whole.length <= any || (whole.length <= ascii && ASCII.test(whole))) return;
  event.preventDefault();
  if (field.dataset.most && field.dataset.input) send(field.dataset.input, whole);
  else notice('toolong', { length: more.length, name: field.ariaLabel ?? field.labels?.[0]?.textContent ?? '' });
}

/** @param {Event} event */
function onClose(event) {
  const dialog = /** @type {HTMLDialogElement} */ (event.target);
  if (dialog.localName !== 'dialog' || closedByPatch(dialog)) return;
  if (dialog.open) return; // the event comes late: a patch closed it and another has opened it since
  closedByPerson(dialog);
  if (dialog.hasAttribute('data-close')) send(dialog.getAttribute('data-close'));
}

/** @type {[type: string, listener: (event: any) => void, options?: AddEventListenerOptions][]} */
const LISTENERS = [
  ['pointerdown', goesOn, { capture: true, passive: true }],
  ['click', onClick],
  ['beforeinput', onBeforeInput],
  ['input', plain('data-input')],
  ['change', plain('data-change')],
  ['keydown', onKey],
  ['focusout', onFocusOut],
  ['paste', onPaste],
  ...DROPPING,
  ['close', onClose, { capture: true }], // it does not bubble
  ['toolong', ({ detail }) => notice('toolong', detail)], // from an editor of code
  ...SCROLLING,
];
