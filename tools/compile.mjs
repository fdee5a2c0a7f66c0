// node tools/compile.mjs library OUT.zip: the page's standard library and PyScript's Python modules.
// node tools/compile.mjs program OUT IN.zip LIBRARY.zip CORE.zip: the modules of IN.zip and of that library as the archive that static/js/boot.mjs
// loads; what must lie outside of it is written to CORE.zip.
//
// npm's python_stdlib.zip holds sources that Python would compile anew at each start (1.5 s of 1.7). This runs the same Pyodide under Node and
// compiles with it (tools/page_compile.py).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [what, out, given, whole, core] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const modules = join(dirname(here), 'static', 'node_modules');
/** @type {typeof import('pyodide')} */
const { loadPyodide } = await import(pathToFileURL(join(modules, 'pyodide', 'pyodide.mjs')).href);

// Without column positions, which a traceback marks in a source line: the page has no sources, and code has a quarter less when it is packed.
const python = await loadPyodide({ env: { HOME: '/home/pyodide', PYTHONNODEBUGRANGES: '1' } });
/**
 * @param {string} target
 * @param {string} path
 */
const put = (target, path) => python.FS.writeFile(target, readFileSync(path));

put('/source.zip', what === 'library' ? join(modules, 'pyodide', 'python_stdlib.zip') : given);
if (what === 'library') {
  const pyscript = join(modules, '@pyscript', 'core', 'src', 'stdlib', 'pyscript');
  put('/drop.txt', join(here, 'library_drop.txt'));
  python.FS.mkdir('/pyscript');
  for (const name of readdirSync(pyscript).filter((name) => name.endsWith('.py'))) put(`/pyscript/${name}`, join(pyscript, name));
} else {
  put('/library.zip', whole);
  put('/page_import.py', join(here, 'page_import.py'));
}
python.runPython(readFileSync(join(here, 'page_compile.py'), 'utf8'));
console.log(python.globals.get(what)());
writeFileSync(out, python.FS.readFile('/compiled'));
if (core) writeFileSync(core, python.FS.readFile('/core.zip'));
