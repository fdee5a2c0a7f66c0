// node tools/bundle.mjs OUT: PyScript, Pyodide's loader and the small libraries, each as one ES module without a bare import.
//
// PyScript is bundled from its own sources, unpatched but for two things: what Nightshift never uses (editor, terminal, game, MicroPython,
// the package graph, the pop-up error plugin) is an empty module, and PyScript's Python library is left out of the script because it lies compiled in the
// standard library zip (tools/stdlib.mjs).
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const out = resolve(process.argv[2]);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'static', 'node_modules');
const { build } = createRequire(join(root, 'static', 'package.json'))('esbuild');

const UNUSED = /(codemirror|xterm|py-editor|py-game|py-terminal|donkey|deprecations-manager|plugins\/error|pyodide_graph|_remote_package_zip|interpreter\/micropython|^@zip\.js)/;
const EMPTY = {
  name: 'unused parts of PyScript',
  setup(b) {
    b.onResolve({ filter: UNUSED }, (a) => ({ path: a.path, namespace: 'empty' }));
    b.onLoad({ filter: /.*/, namespace: 'empty' }, (a) => ({
      contents: a.path.includes('micropython') ? "export default { type: 'micropython' };" : 'export default {}; export const notOnDOM = () => {};',
    }));
    b.onLoad({ filter: /core\/src\/stdlib\/pyscript\.js$/ }, () => ({ contents: 'export default {};' }));
  },
};

const common = { bundle: true, format: 'esm', target: 'es2022', minify: true, legalComments: 'none', charset: 'utf8', logLevel: 'warning' };

mkdirSync(join(out, 'pyodide'), { recursive: true });
await Promise.all([
  build({ ...common, entryPoints: [join(modules, '@pyscript/core/src/core.js')], outfile: join(out, 'pyscript.mjs'), plugins: [EMPTY] }),
  build({
    ...common,
    minify: false,
    minifyWhitespace: true,
    entryPoints: [join(root, 'static/js/boot.mjs')],
    outfile: join(out, 'boot.mjs'),
    external: ['node:*', 'ws'],
    alias: { 'nightshift/lock.json': join(out, 'pyodide/lock.json') },
  }),
  build({ ...common, entryPoints: [join(modules, 'dexie/dist/dexie.mjs')], outfile: join(out, 'dexie.mjs') }),
  build({ ...common, entryPoints: [join(modules, 'idiomorph/dist/idiomorph.esm.js')], outfile: join(out, 'idiomorph.mjs') }),
]);
copyFileSync(join(modules, 'pyodide/pyodide.asm.wasm'), join(out, 'pyodide/pyodide.asm.wasm'));
