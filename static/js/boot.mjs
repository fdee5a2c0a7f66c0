// PyScript loads the bundle of this module as its `interpreter` and needs two exports: loadPyodide and version. A worker that computes
// (compute-worker.mjs) loads the same bundle, so that it ships once, and calls `begin` with what the page posted.
// It is Pyodide's own loader, told to take everything from our folder: the compiled, trimmed standard library, and a lock file that names
// our own wheels only, so that no package index and no foreign host is ever asked.
import { loadPyodide as load, version } from 'pyodide/pyodide.mjs';
import createPyodideModule from 'pyodide/pyodide.asm.mjs';
import lock from 'nightshift/lock.json'; // made by tools/wheels.py

const home = new URL('./pyodide/', import.meta.url).href;

export { version };

/** @import { PyodideAPI } from 'pyodide' */

/**
 * The page's compiled wasm, for workers: compiling it once more would cost each of them 100 ms and 16 MB.
 * @type {WebAssembly.Module | undefined}
 */
export let compiled;

/**
 * Pyodide only warns when its wasm does not load or is damaged, and then waits for ever. This runs `start` and rejects in that case.
 * @param {() => Promise<PyodideAPI>} start
 * @returns {Promise<PyodideAPI>}
 */
const withWasmErrors = async (start) => {
  const { instantiateStreaming } = WebAssembly;
  try {
    return await new Promise((resolve, reject) => {
      WebAssembly.instantiateStreaming = (...given) => {
        const instance = instantiateStreaming(...given);
        instance.then(({ module }) => {
          compiled = module;
        }, reject);
        return instance;
      };
      start().then(resolve, reject);
    });
  } finally {
    WebAssembly.instantiateStreaming = instantiateStreaming;
  }
};

// Where the browser can switch wasm stacks (JSPI), Pyodide runs every callback of its event loop on a stack of its own, so that Python could
// block on a promise. Nothing here ever does; it costs time at every await, and Chromium's own allocation sampling (GWP-ASan) crashes the tab
// now and then when it walks such a stack. Without these names Pyodide takes the one stack that there is.
const withoutStackSwitching = () => {
  delete WebAssembly.Suspending;
  delete WebAssembly.Suspender;
};

/**
 * What Python says on its way; the page's PyScript takes it.
 * @type {{ stdout?: (line: string) => void, stderr?: (line: string) => void }}
 */
const told = {};

/**
 * Starts Python here, once.
 * @param {Uint8Array | Promise<Uint8Array> | undefined} archive the program's (tools/page_compile.py), unpacked; nothing where the sources are served
 */
export const begin = (archive) => {
  withoutStackSwitching();
  return withWasmErrors(() =>
    load({
      indexURL: home,
      packageBaseUrl: home,
      stdLibURL: `${home}stdlib.zip`,
      lockFileContents: /** @type {import('pyodide').Lockfile} */ (/** @type {unknown} */ (lock)),
      createPyodideModule,
      fsInit: async (FS) => {
        if (archive) FS.writeFile('/program', await archive, { canOwn: true }); // Python waits for it
      },
      stdout: (line) => told.stdout?.(line),
      stderr: (line) => told.stderr?.(line),
    }),
  );
};

// A build has an archive: the program, its packages and nearly all of Python's library, compiled (tools/page_compile.py). It must be there before Python
// starts, whose `sitecustomize` (tools/page_import.py) then imports from it. Where the sources are served there is none.
const { program } = globalThis.document?.documentElement.dataset ?? {}; // a worker has no document
const GZIP = 0x1f;
/** The page's archive, unpacked; nothing where there is none. */
export const unpacked = async () => {
  if (!program) return undefined;
  const response = await fetch(new URL(program, document.baseURI));
  if (!response.ok) throw new Error(`This file did not load: ${program}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes[0] !== GZIP) return bytes; // the service worker and the one file have unpacked it already
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
};

// In the page Pyodide starts as soon as this module is here, while PyScript is still reading its configuration; what PyScript says later goes to `told`.
const started = globalThis.document
  ? begin(program ? /** @type {Promise<Uint8Array>} */ (unpacked()) : undefined).then((python) => {
      performance.mark('nightshift:pyodide');
      return python;
    })
  : Promise.reject(new Error('Only a page starts Python by itself.'));
started.catch(() => {}); // PyScript awaits it

// The page's Python.
export const python = () => started;

/**
 * `packages` are those of pyscript.toml: none in a build, whose archive has them.
 * @param {{ packages?: string[], stdout?: (line: string) => void, stderr?: (line: string) => void }} configuration
 */
export const loadPyodide = async ({ packages, stdout, stderr }) => {
  Object.assign(told, { stdout, stderr });
  const python = await started;
  if (packages?.length) await python.loadPackage(packages, { messageCallback: () => {} });
  return python;
};
