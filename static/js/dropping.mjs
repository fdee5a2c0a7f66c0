// Files that are dragged into the page. They go to what is under the pointer where that takes files (data-drop), else to the one element with
// data-page-drop, if there is one and no dialog is open. While they are over the page, data-dragging of <html> says where they would go: «part», «page»
// or «nowhere» (views.css draws it). Dragged text stays the browser's affair; a file never navigates (early.js).
/** @import { DroppedFile, DroppedEntry } from './types/protocol.ts' */

const GONE_MS = 700; // without a word from the browser, which speaks of a drag at least three times a second: it has left, or was called off
const MOST = 100_000; // files of folders that are looked for

/** @type {(element: HTMLElement, attribute: string, files: DroppedFile[]) => void} */
let tell = () => {};

/** @param {typeof tell} told is given the files, and the element with the attribute that says what they mean */
export const dropTo = (told) => {
  tell = told;
};

/** @type {HTMLElement | null} */
let over = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {DragEvent} event */
const bringsFiles = (event) => event.dataTransfer?.types.includes('Files') ?? false;

/** @param {Element} element */
const inert = (element) => element.matches(':disabled') || element.closest('[aria-disabled="true"]') !== null;

/**
 * What takes files here, and by which attribute.
 * @param {DragEvent} event
 * @returns {[HTMLElement, 'data-drop' | 'data-page-drop'] | null}
 */
function taker(event) {
  const part = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest('[data-drop]')) : null;
  if (part) return inert(part) ? null : [part, 'data-drop'];
  if (document.querySelector('dialog:modal')) return null;
  const page = /** @type {HTMLElement | null} */ (document.querySelector('[data-page-drop]'));
  return page && [page, 'data-page-drop'];
}

function leave() {
  clearTimeout(timer);
  if (over) delete over.dataset.over;
  over = null;
  delete document.documentElement.dataset.dragging;
}

/** @param {DragEvent} event */
function onDragOver(event) {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  const found = taker(event);
  if (!found && event.dataTransfer) event.dataTransfer.dropEffect = 'none';
  const part = found?.[1] === 'data-drop' ? found[0] : null;
  if (over !== part) leave();
  clearTimeout(timer);
  timer = setTimeout(leave, GONE_MS);
  over = part;
  if (part) part.dataset.over = '';
  document.documentElement.dataset.dragging = part ? 'part' : found ? 'page' : 'nowhere';
}

/** @param {DragEvent} event */
function onDragLeave(event) {
  if (event.relatedTarget === null) leave(); // it left the window
}

/** @param {DragEvent} event */
function onDrop(event) {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  leave();
  const found = taker(event);
  const given = event.dataTransfer;
  if (!found || !given) return;
  const entries = Array.from(given.items ?? [], (item) => (item.kind === 'file' ? item.webkitGetAsEntry?.() : null)); // gone after the event
  const files = Array.from(given.files, (file) => ({ file, path: '' }));
  if (!entries.some((entry) => entry?.isDirectory)) {
    if (files.length) tell(...found, files);
    return;
  }
  void walked(/** @type {any[]} */ (entries.filter(Boolean))).then((all) => tell(...found, all));
}

/**
 * The files of folders, at any depth, with their paths; also the files and folders that the browser cannot read, which say so.
 * @param {DroppedEntry[]} entries
 * @returns {Promise<DroppedFile[]>}
 */
export async function walked(entries) {
  /** @type {DroppedFile[]} */
  const found = [];
  const waiting = [...entries].reverse(); // the next one is the last
  for (let entry = waiting.pop(); entry && found.length < MOST; entry = waiting.pop()) {
    const inside = entry.fullPath.replace(/^\//, '');
    const path = inside.includes('/') ? inside : '';
    if (entry.isDirectory) {
      const { all, failed } = await children(entry);
      for (const child of all.reverse()) waiting.push(child);
      if (failed) found.push({ file: new File([], entry.name), path: inside, error: 'unreadable' });
    } else {
      const file = await of(entry);
      found.push(file ? { file, path } : { file: new File([], entry.name), path, error: 'unreadable' });
    }
  }
  return found;
}

/**
 * What is in a folder, as far as it can be read.
 * @param {DroppedEntry} folder
 * @returns {Promise<{ all: DroppedEntry[], failed: boolean }>}
 */
async function children(folder) {
  const reader = folder.createReader();
  /** @type {DroppedEntry[]} */
  const all = [];
  for (;;) {
    /** @type {DroppedEntry[] | null} */
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve(null))); // a hundred at a time
    if (!some?.length || all.length >= MOST) return { all: all.sort((one, other) => (one.name < other.name ? -1 : 1)), failed: !some };
    all.push(...some);
  }
}

/**
 * @param {DroppedEntry} entry
 * @returns {Promise<File | null>}
 */
const of = (entry) => new Promise((resolve) => entry.file(resolve, () => resolve(null)));

/** @type {[type: string, listener: (event: any) => void][]} */
export const LISTENERS = [
  ['dragover', onDragOver],
  ['dragleave', onDragLeave],
  ['drop', onDrop],
];
