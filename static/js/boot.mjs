// PyScript loads the bundle of this module as its `interpreter` and needs two exports: loadPyodide and version.
// It is Pyodide's own loader, told to take everything from our folder: the compiled, trimmed standard library, and a lock file that names
// our own wheels only, so that no package index and no foreign host is ever asked.
import { loadPyodide as load, version } from 'pyodide/pyodide.mjs';
import createPyodideModule from 'pyodide/pyodide.asm.mjs';
import lock from 'nightshift/lock.json'; // made by tools/wheels.py

const home = new URL('./pyodide/', import.meta.url).href;

export { version };

/** @import { PyodideAPI } from 'pyodide' */

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
        instance.catch(reject);
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

// A build has an archive: the program, its packages and nearly all of Python's library, compiled (tools/page_compile.py). It must be there before Python
// starts, whose `sitecustomize` (tools/page_import.py) then imports from it. Where the sources are served there is none.
const { program } = document.documentElement.dataset;
const GZIP = 0x1f;
/** @param {string} program its address */
const unpacked = async (program) => {
  const response = await fetch(new URL(program, document.baseURI));
  if (!response.ok) throw new Error(`This file did not load: ${program}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes[0] !== GZIP) return bytes; // the service worker and the one file have unpacked it already
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
};

/**
 * Pyodide starts as soon as this module is here, while PyScript is still reading its configuration; what PyScript says later goes to `told`.
 * @type {{ stdout?: (line: string) => void, stderr?: (line: string) => void }}
 */
const told = {};
const started = (async () => {
  withoutStackSwitching();
  const archive = program && unpacked(program);
  const python = await withWasmErrors(() =>
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
  performance.mark('nightshift:pyodide');
  return python;
})();
started.catch(() => {}); // PyScript awaits it

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
