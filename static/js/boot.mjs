// PyScript loads the bundle of this module as its `interpreter` and needs two exports: loadPyodide and version.
// It is Pyodide's own loader, told to take everything from our folder: the compiled, trimmed standard library, and a lock file that names
// our own wheels only, so that no package index and no foreign host is ever asked.
import { loadPyodide as load, version } from 'pyodide/pyodide.mjs';
import createPyodideModule from 'pyodide/pyodide.asm.mjs';
import lock from 'nightshift/lock.json'; // made by tools/wheels.py

const home = new URL('./pyodide/', import.meta.url).href;

export { version };

// Pyodide only warns when its wasm does not load or is damaged, and then waits for ever. This runs `start` and rejects in that case.
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

export const loadPyodide = (options) => {
  withoutStackSwitching();
  return withWasmErrors(() =>
    load({ ...options, indexURL: home, packageBaseUrl: home, stdLibURL: `${home}stdlib.zip`, lockFileContents: lock, createPyodideModule }),
  );
};
