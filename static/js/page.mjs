// The page, for Python: drawing, events, and the little else that only JS can do.
/** @import { Bytes } from './types/protocol.ts' */
import { allows } from './allowed.mjs';
import { listen as hear, notice } from './events.mjs';
import * as lastView from './lastview.mjs';
import { goesOn, patch as morph } from './patching.mjs';
import { measure } from './scrolling.mjs';

export { asksWhere, choosePlace, gather, leavePlace, pack, picked, stream, unpack } from './files.mjs';
export { scrolled } from './lastview.mjs';
export { locale } from './locale.mjs';
export { picture } from './picture.mjs';
export { allowed as noticesAllowed, ask as askForNotices, notify } from './notices.mjs';
export { breathe, bytesOf, lock } from './platform.mjs';
export { markTab } from './tab-icon.mjs';

const HOSTS = 'nightshift:hosts'; // policy.js reads it before anything else runs
const MARKS = 'nightshift:'; // the names of all our performance marks begin so
const HELD = 'nightshift:held';
const KEEP_URL_MS = 60_000;

const FIGURES = 'nightshift:figures';
const EARLY = 'nightshift:early'; // early.js

const root = () => /** @type {HTMLElement} */ (document.querySelector('#app'));

/** @returns {HTMLTextAreaElement | null} the shell's field, while nothing else is drawn */
const shell = () => document.querySelector('#early');

let inherit = () => {}; // what follows the next drawing

let editing = false; // the last drawing has an editor of code

// CodeMirror comes when it is first drawn into the page; a field stands in its place until then, and stays where it does not come.
/** @param {string} html */
function edits(html) {
  const wanted = html.includes('<code-editor');
  if (wanted && !editing) import('../vendor/code-editor.mjs').catch(() => {});
  editing = wanted;
}

/**
 * @param {string} html what #app shall hold
 * @param {string} [title]
 */
export function patch(html, title) {
  if (lastView.begun()) goesOn();
  morph(root(), html);
  edits(html);
  inherit();
  inherit = () => {};
  measure(root());
  lastView.shows(html);
  if (title !== undefined && document.title !== title) document.title = title;
}

// What was typed into the shell before the program drew anything.
export const early = () => shell()?.value ?? '';

/**
 * The field `id` of the next drawing takes focus and caret from the shell's field, if that has them.
 * @param {string} id
 */
export function heir(id) {
  const field = shell();
  if (!field || field !== document.activeElement) return;
  const { selectionStart, selectionEnd } = field;
  inherit = () => {
    const next = /** @type {HTMLTextAreaElement | null} */ (document.getElementById(id));
    next?.focus({ preventScroll: true });
    next?.setSelectionRange(selectionStart, selectionEnd);
  };
}

// The program has stored what was typed early: this tab's copy is forgotten.
export function earlyKept() {
  try {
    sessionStorage.removeItem(EARLY);
  } catch {
    // no storage: there is no copy
  }
}

/** @param {string} choice how figures are written (lastview.js reads it): a kept view has them as they were */
export function figures(choice) {
  try {
    if (localStorage.getItem(FIGURES) === choice) return;
    localStorage.setItem(FIGURES, choice);
  } catch {
    // no storage: no view is kept either
  }
  lastView.forget();
}

/** @param {string} name "light" | "dark", or "" for what the system says */
export function theme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  try {
    localStorage.setItem('nightshift:theme', name); // watch.js reads it before the first paint of the next load
  } catch {
    // no storage: the next load begins in the system's theme
  }
}

export const setting = () => (location.protocol === 'file:' ? 'file' : 'served');

export const online = () => navigator.onLine;

export const visible = () => document.visibilityState === 'visible';

let read = ''; // the address, as Python read it last

export const route = () => {
  read = location.hash;
  return read;
};

/**
 * Hands every event to `handler` from now on, and what was done before the program ran first.
 * @param {(text: string) => void} handler
 */
export function listen(handler) {
  hear(handler);
  lastView.watch();
  const undone = lastView.again();
  if (undone) notice('undone', undone);
  if (location.hash !== read) notice('route', location.hash); // it changed before anybody listened
}

/** @param {string} hash */
export const goTo = (hash) => {
  location.hash = hash;
};

/** @type {string[]} */
let wanted = []; // the origins that the next load's policy shall have

export function reload() {
  history.replaceState({ hosts: wanted }, ''); // policy.js reads it once
  location.reload();
}

/**
 * What the database does not take stays in this tab's own storage, which outlives a reload. False where the browser has none, or no room in it.
 * @param {string} text
 */
export function hold(text) {
  try {
    if (text) sessionStorage.setItem(HELD, text);
    else sessionStorage.removeItem(HELD);
    return true;
  } catch {
    return false;
  }
}

export function held() {
  try {
    return sessionStorage.getItem(HELD) ?? '';
  } catch {
    return '';
  }
}

// The marks of the start, as JSON: pairs of a name and the milliseconds since the page was asked for.
export const timings = () =>
  JSON.stringify(
    performance
      .getEntriesByType('mark')
      .filter(({ name }) => name.startsWith(MARKS))
      .map(({ name, startTime }) => [name.slice(MARKS.length), startTime]),
  );

/** @param {string} name */
export const mark = (name) => {
  performance.mark(name);
};

/**
 * Keeps the origins (a JSON list) for the next load's policy; true if the policy of this load has them already.
 * @param {string} originsText
 */
export function allowHosts(originsText) {
  /** @type {string[]} */
  const origins = JSON.parse(originsText);
  wanted = origins;
  try {
    localStorage.setItem(HOSTS, JSON.stringify(origins));
  } catch {
    // no storage: then the next load cannot know either, and says so by this same answer
  }
  return origins.every((origin) => allows(origin));
}

/**
 * @param {string} name
 * @param {Blob | Bytes} content
 * @param {string} type
 */
export function saveFile(name, content, type) {
  const blob = content instanceof Blob ? content.slice(0, content.size, type) : new Blob([content], { type });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_URL_MS); // a large download reads it for a while
}

/**
 * An address under which these bytes can be drawn in this page, until it is dropped.
 * @param {Bytes} data
 * @param {string} type
 */
export const showPicture = (data, type) => URL.createObjectURL(new Blob([data], { type }));

/** @param {string} address */
export const dropPicture = (address) => URL.revokeObjectURL(address);

/**
 * Must be called while the person's click is being handled. Where it fails the page hears the notice «uncopied».
 * @param {string} text
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyBySelection(text)) notice('uncopied', null);
  }
}

/** This page's address, without its part from # on. */
export const address = () => location.href.split('#', 1)[0];

/**
 * Copies this page's address with another part from # on.
 * @param {string} fragment
 */
export const copyLink = (fragment) => copyText(new URL(fragment, location.href).href);

/** @param {string} text */
function copyBySelection(text) {
  const active = /** @type {HTMLElement | null} */ (document.activeElement);
  const field = document.createElement('textarea');
  field.value = text;
  (document.querySelector('dialog:modal') ?? document.body).append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  active?.focus();
  return copied;
}
