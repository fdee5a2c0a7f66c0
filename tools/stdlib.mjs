// node tools/stdlib.mjs OUT.zip: the page's standard library, compiled.
//
// npm's python_stdlib.zip holds sources that Python would compile anew at each start (1.5 s of 1.7). This runs the same Pyodide under Node, compiles
// what tools/stdlib_drop.txt leaves, and PyScript's own Python library, to .pyc with unchecked hashes, and writes one reproducible zip.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const out = process.argv[2];
const here = dirname(fileURLToPath(import.meta.url));
const modules = join(dirname(here), 'static', 'node_modules');
const { loadPyodide } = await import(pathToFileURL(join(modules, 'pyodide', 'pyodide.mjs')).href);

const library = join(modules, '@pyscript', 'core', 'src', 'stdlib', 'pyscript');
const python = await loadPyodide();
python.FS.writeFile('/source.zip', readFileSync(join(modules, 'pyodide', 'python_stdlib.zip')));
python.FS.writeFile('/drop.txt', readFileSync(join(here, 'stdlib_drop.txt')));
python.FS.mkdir('/pyscript');
for (const name of readdirSync(library).filter((name) => name.endsWith('.py'))) {
  python.FS.writeFile(`/pyscript/${name}`, readFileSync(join(library, name)));
}
console.log(python.runPython(readFileSync(join(here, 'stdlib_compile.py'), 'utf8')));
writeFileSync(out, python.FS.readFile('/stdlib.zip'));
