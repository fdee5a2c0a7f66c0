// Whether Python lives. When its stack overflows or its memory is at an end, WebAssembly throws into JavaScript and no line of Python ever runs
// again; the page would look alive and do nothing. This notices: Pyodide says so itself, an error of WebAssembly's leaves a callback, or Python's
// loop does not answer. Then the page says it, other tabs may go on (the event «nightshift:died» has locks and connections let go), and what Python
// was reading is kept for the next start, which passes over it (app/core/model/trail.py).
/** @import { Stop } from './types/protocol.ts' */
import { Pulse, fatal, keptIn, keptWith, reading, reason, silence, trailIn } from './life-signs.mjs';

const { nightshift } = globalThis;

const STOPS = 'nightshift:stops';
const EARLY = 'nightshift:early'; // early.js
const LOOK_MS = 1000;
const TYPED_MS = 3000;

/** @type {any} */
let python = null; // Pyodide, and of it also what it does not declare
/** @type {(n: number) => void} */
let ask = () => {};
let place = 0; // where the trail stands in Python's memory
/** @type {ReturnType<typeof setInterval> | undefined} */
let timer;
const pulse = new Pulse();
let dead = false;
let typed = { at: -Infinity, text: '' };

/**
 * @param {any} interpreter Pyodide
 * @param {(n: number) => void} answer is called with a number, which Python's loop must give back to `beat`
 * @param {any} trail the buffer of app/core/model/trail.py, as a proxy
 */
export function watch(interpreter, answer, trail) {
  python = interpreter;
  ask = answer;
  place = trail.getBuffer('u8').data.byteOffset; // held for the page's life, so that it stays where it is
  python._api.on_fatal = died;
  addEventListener('error', ({ error }) => fatal(error) && died(error));
  addEventListener('unhandledrejection', ({ reason }) => fatal(reason) && died(reason));
  addEventListener('input', ({ target }) => {
    if (target instanceof HTMLTextAreaElement) typed = { at: performance.now(), text: target.value };
  });
  timer = setInterval(look, LOOK_MS);
}

/** @param {number} n */
export function beat(n) {
  pulse.answered(n);
}

function look() {
  const question = pulse.look();
  if (question < 0) died(silence(LOOK_MS));
  if (question <= 0) return;
  try {
    ask(question);
  } catch (error) {
    died(error);
  }
}

/** @param {unknown} error */
function died(error) {
  if (dead) return;
  dead = true;
  clearInterval(timer);
  const stop = { at: Date.now() / 1000, ...trailOf(), error: reason(error), route: location.hash };
  remember(stop);
  keepTyped();
  dispatchEvent(new Event('nightshift:died'));
  nightshift.died();
  show(stop);
}

// The memory is Python's last word: the view is made anew, since it moves when it grows.
function trailOf() {
  try {
    return trailIn(python._module.HEAPU8, place);
  } catch {
    return { task: '', item: '' };
  }
}

// --- what is kept for the next start ---

const kept = () => {
  try {
    return keptIn(localStorage.getItem(STOPS));
  } catch {
    return []; // no storage: nothing was kept
  }
};

/** @param {Stop} stop */
function remember(stop) {
  try {
    localStorage.setItem(STOPS, JSON.stringify(keptWith(kept(), stop)));
  } catch {
    // no storage: the next start cannot know
  }
}

// What stopped Python before, as JSON.
export const stops = () => JSON.stringify(kept());

// Lets the next start read everything again.
export function forgive() {
  try {
    localStorage.removeItem(STOPS);
  } catch {
    // no storage: nothing is kept
  }
}

// What was typed last may have been on its way to the database: the next start finds it where it finds what is typed before Python runs.
function keepTyped() {
  if (performance.now() - typed.at > TYPED_MS || !typed.text) return;
  try {
    sessionStorage.setItem(EARLY, typed.text);
  } catch {
    // no storage: the field has the text, and it can be copied
  }
}

// --- what the person reads ---

/**
 * @param {string} name
 * @param {string} text
 * @param {Node[]} children
 */
const element = (name, text, ...children) => {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
};

/** @param {Stop} stop */
function show(stop) {
  const known = reading(stop);
  const again = known
    ? 'Reload the page. What was being read is passed over then, marked where it belongs, and everything else works.'
    : 'Reload the page. If it stops again at the same place, export your data in the settings and report the details below.';
  const reload = /** @type {HTMLButtonElement} */ (element('button', 'Reload the page'));
  reload.type = 'button';
  reload.className = 'btn primary';
  reload.addEventListener('click', () => location.reload());
  const box = element(
    'section',
    '',
    element('h1', 'Nightshift has stopped in this tab'),
    element('p', `Python, in which the program runs, broke down${known}. It cannot go on here, and nothing on this page works any more.`),
    element(
      'p',
      'Nothing more is sent from this tab. Batches at a provider continue there and are billed as usual. A call that was under way is looked ' +
        'up at the provider before anything is sent again, so nothing is paid twice.',
    ),
    element('p', 'What you saved is in this browser. Another open tab of Nightshift goes on with the batches now.'),
    element('p', again),
    reload,
    element('pre', [stop.error, stop.item, stop.task].filter(Boolean).join('\n')),
  );
  box.id = 'death';
  box.setAttribute('role', 'alert');
  for (const one of document.querySelectorAll('[data-engine]')) one.textContent = 'Stopped: reload the page';
  document.querySelector('#app')?.setAttribute('inert', '');
  for (const dialog of /** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll('dialog:modal'))) dialog.close(); // a modal one would lie above the words, and hold the focus
  document.body.prepend(box);
  document.title = `Stopped: ${document.title}`;
  reload.focus();
}
