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

// The archive of a build: the program's modules and packages, compiled (tools/page_compile.py). Undefined where the sources are served.
const archive = async () => {
  const { program } = document.documentElement.dataset;
  if (!program) return undefined;
  const response = await fetch(new URL(program, document.baseURI));
  if (!response.ok) throw new Error(`This file did not load: ${program}`);
  return new Response(response.body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
};

const IMPORT = `
import marshal
scope = {"__name__": "page_import"}
with open("/program", "rb") as file:
    exec(marshal.load(file), scope)
    scope["install"](marshal.load(file))
del marshal, scope, file
`;

// Pyodide starts as soon as this module is here, while PyScript is still reading its configuration; what PyScript says later goes to `told`.
const told = {};
const started = (async () => {
  withoutStackSwitching();
  const program = archive();
  program.catch(() => {}); // awaited below
  const python = await withWasmErrors(() =>
    load({
      indexURL: home,
      packageBaseUrl: home,
      stdLibURL: `${home}stdlib.zip`,
      lockFileContents: lock,
      createPyodideModule,
      stdout: (line) => told.stdout?.(line),
      stderr: (line) => told.stderr?.(line),
    }),
  );
  const content = await program;
  if (content) {
    python.FS.writeFile('/program', new Uint8Array(content), { canOwn: true });
    python.runPython(IMPORT);
    python.FS.unlink('/program');
  }
  performance.mark('nightshift:pyodide');
  return python;
})();
started.catch(() => {}); // PyScript awaits it

// `packages` are those of pyscript.toml: none in a build, whose archive has them.
export const loadPyodide = async ({ packages, stdout, stderr }) => {
  Object.assign(told, { stdout, stderr });
  const python = await started;
  if (packages?.length) await python.loadPackage(packages, { messageCallback: () => {} });
  return python;
};
