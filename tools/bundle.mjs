// node tools/bundle.mjs OUT: PyScript, Pyodide's loader and the small libraries, each as one ES module without a bare import.
//
// PyScript is bundled from its own sources, with these changes: what Nightshift never uses (editor, terminal, game, MicroPython, the package
// graph) is an empty module; PyScript's Python library is left out of the script because it lies compiled in the standard library zip
// (tools/compile.mjs); its errors go to static/js/watch.js; and the address of Pyodide that counts where a configuration names none is our own.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const out = resolve(process.argv[2]);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'static', 'node_modules');
/** @type {typeof import('esbuild')} */
const { build } = createRequire(join(root, 'static', 'package.json'))('esbuild');

const UNUSED =
  /(codemirror|xterm|py-editor|py-game|py-terminal|donkey|deprecations-manager|pyodide_graph|interpreter\/micropython|^@zip\.js)/;
const ERRORS = `
  export default {};
  export const notOnDOM = () => {};
  export const notify = (message) => globalThis.nightshift.fail(message);`;
const FOREIGN = /`https:\/\/[^`]*pyodide\.mjs`/;

/** @type {import('esbuild').Plugin} */
const CHANGES = {
  name: 'PyScript for this page',
  setup(b) {
    b.onResolve({ filter: UNUSED }, (a) => ({ path: a.path, namespace: 'empty' }));
    b.onLoad({ filter: /.*/, namespace: 'empty' }, (a) => ({
      contents: a.path.includes('micropython') ? "export default { type: 'micropython' };" : 'export default {};',
    }));
    b.onLoad({ filter: /core\/src\/stdlib\/pyscript\.js$/ }, () => ({ contents: 'export default {};' }));
    b.onLoad({ filter: /core\/src\/plugins\/error\.js$/ }, () => ({ contents: ERRORS }));
    b.onLoad({ filter: /polyscript\/esm\/interpreter\/pyodide\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!FOREIGN.test(source)) throw new Error('PyScript no longer names its default Pyodide where tools/bundle.mjs looks for it.');
      return { contents: source.replace(FOREIGN, "new URL('./boot.mjs', import.meta.url).href") };
    });
  },
};

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, format: 'esm', target: 'es2022', minify: true, legalComments: 'none', charset: 'utf8', logLevel: 'warning' };

/**
 * A module that exports only what the page uses of a package.
 * @param {string} name
 * @param {string} file
 * @param {string} outfile
 */
const part = (name, file, outfile) => {
  const stdin = { contents: `export { ${name} } from ${JSON.stringify(join(modules, file))};`, resolveDir: root };
  return build({ ...common, stdin, outfile: join(out, outfile) });
};

mkdirSync(join(out, 'pyodide'), { recursive: true });
await Promise.all([
  build({ ...common, entryPoints: [join(modules, '@pyscript/core/src/core.js')], outfile: join(out, 'pyscript.mjs'), plugins: [CHANGES] }),
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
  part('Client, Versions', '@stomp/stompjs/esm6/index.js', 'stomp.mjs'),
  build({ ...common, entryPoints: [join(root, 'static/js/code-editor.mjs')], outfile: join(out, 'code-editor.mjs') }),
  build({ ...common, format: 'iife', entryPoints: [join(root, 'static/js/parquet-worker.mjs')], outfile: join(out, 'parquet.mjs') }),
  ...['o200k', 'cl100k'].map((name) => {
    const ranks = JSON.stringify(join(modules, `gpt-tokenizer/esm/bpeRanks/${name}_base.js`));
    const worker = JSON.stringify(join(root, 'static/js/tokens-worker.mjs'));
    const contents = `import ranks from ${ranks}; import { serve } from ${worker}; serve('${name}_base', ranks);`;
    return build({ ...common, format: 'iife', stdin: { contents, resolveDir: root }, outfile: join(out, `tokens-${name}.mjs`) });
  }),
  part('AMQPWebSocketClient', '@cloudamqp/amqp-client/lib/mjs/amqp-websocket-client.js', 'amqp.mjs'),
]);

// What the type checker reads in place of the bundles: the packages' own types, as static/vendor finds them.
const TYPES = {
  amqp: "export * from '../node_modules/@cloudamqp/amqp-client/types/amqp-websocket-client.d.ts';",
  boot: "export * from '../js/boot.mjs';",
  'code-editor': "export * from '../js/code-editor.mjs';",
  dexie: "export * from '../node_modules/dexie/dist/dexie.d.ts';",
  idiomorph: "export * from '../node_modules/idiomorph/dist/idiomorph.d.ts';",
  pyscript: "export * from '../js/types/pyscript.ts';",
  stomp: "export * from '../node_modules/@stomp/stompjs/index.d.ts';",
};
for (const [name, text] of Object.entries(TYPES)) writeFileSync(join(out, `${name}.d.mts`), `${text}\n`);
copyFileSync(join(modules, 'pyodide/pyodide.asm.wasm'), join(out, 'pyodide/pyodide.asm.wasm'));
