// Whether Python lives. When its stack overflows or its memory is at an end, WebAssembly throws into JavaScript and no line of Python ever runs
// again; the page would look alive and do nothing. This notices: Pyodide says so itself, an error of WebAssembly's leaves a callback, or Python's
// loop does not answer. Then the page says it, other tabs may go on (the event «nightshift:died» has locks and connections let go), and what Python
// was reading is kept for the next start, which passes over it (app/core/model/trail.py).
const { nightshift } = globalThis;

const STOPS = 'nightshift:stops';
const EARLY = 'nightshift:early'; // early.js
const KEPT = 50;
const LOOK_MS = 1000;
const MISSED = 3; // looks in a row that Python's loop left unanswered. A long task holds up the looks as well, and so do a hidden tab and sleep.
const TYPED_MS = 3000;
const HALF = 256;

let python = null;
let pulse = null;
let place = 0; // where the trail stands in Python's memory
let timer = 0;
let asked = 0;
let heard = 0;
let missed = 0;
let dead = false;
let typed = { at: -Infinity, text: '' };

// `answer` is called with a number, which Python's loop must give back to `beat`; `trail` is the buffer of app/core/model/trail.py.
export function watch(interpreter, answer, trail) {
  python = interpreter;
  pulse = answer;
  place = trail.getBuffer('u8').data.byteOffset; // held for the page's life, so that it stays where it is
  python._api.on_fatal = died;
  addEventListener('error', ({ error }) => fatal(error) && died(error));
  addEventListener('unhandledrejection', ({ reason }) => fatal(reason) && died(reason));
  addEventListener('input', ({ target }) => {
    if (target.localName === 'textarea') typed = { at: performance.now(), text: target.value };
  });
  timer = setInterval(look, LOOK_MS);
}

export function beat(n) {
  heard = n;
}

const fatal = (error) => error?.pyodide_fatal_error === true || error instanceof WebAssembly.RuntimeError || /^Pyodide already /.test(error?.message ?? '');

function look() {
  if (heard !== asked) {
    missed += 1;
    if (missed >= MISSED) died(new Error(`Python did not answer for ${(MISSED * LOOK_MS) / 1000} seconds.`));
    return;
  }
  missed = 0;
  asked += 1;
  try {
    pulse(asked);
  } catch (error) {
    died(error);
  }
}

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

const reason = (error) => `${error?.name ?? 'Error'}: ${error?.message ?? error}`.slice(0, 300);

// The memory is Python's last word: the view is made anew, since it moves when it grows.
function trailOf() {
  try {
    const memory = python._module.HEAPU8;
    const text = (at) => new TextDecoder().decode(memory.slice(at + 1, at + 1 + memory[at]));
    return { task: text(place), item: text(place + HALF) };
  } catch {
    return { task: '', item: '' };
  }
}

// --- what is kept for the next start ---

const kept = () => {
  try {
    const list = JSON.parse(localStorage.getItem(STOPS) ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
};

function remember(stop) {
  const same = (one) => one?.task === stop.task && one?.item === stop.item;
  try {
    localStorage.setItem(STOPS, JSON.stringify([...kept().filter((one) => !same(one)), stop].slice(-KEPT)));
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

const element = (name, text, ...children) => {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
};

function reading(stop) {
  if (stop.item.startsWith('line:answer:')) return ' while it read a line of an answer file';
  if (stop.item.startsWith('line:')) return ' while it read a request';
  if (stop.item.startsWith('record:')) return ' while it read a stored record';
  if (stop.item.startsWith('bytes:')) return ' while it read what is known of the answers of a batch';
  if (stop.item.startsWith('view:')) return ' while it drew a view';
  if (stop.task.startsWith('batch ')) return ' while it worked on a batch';
  return '';
}

function show(stop) {
  const known = reading(stop);
  const again = known
    ? 'Reload the page. What was being read is passed over then, marked where it belongs, and everything else works.'
    : 'Reload the page. If it stops again at the same place, export your data in the settings and report what stands below.';
  const reload = element('button', 'Reload the page');
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
      'Nothing more is sent from this tab. Batches that are at a provider go on there and are billed as ever. A call that was on its way is looked '
        + 'up at the provider before anything is sent again, so nothing is paid twice.',
    ),
    element('p', 'What you saved is in this browser. Another open tab of Nightshift goes on with the batches now.'),
    element('p', again),
    reload,
    element('pre', [stop.error, stop.item, stop.task].filter(Boolean).join('\n')),
  );
  box.id = 'death';
  box.setAttribute('role', 'alert');
  for (const one of document.querySelectorAll('[data-engine]')) one.textContent = 'Engine stopped: reload the page';
  document.querySelector('#app')?.setAttribute('inert', '');
  for (const dialog of document.querySelectorAll('dialog:modal')) dialog.close(); // a modal one would lie above the words, and hold the focus
  document.body.prepend(box);
  document.title = `Stopped: ${document.title}`;
  reload.focus();
}
