// node tools/pack.mjs OUT: the page's own scripts and styles, each as one file without an import, into the folder OUT (a copy of static/).
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const out = resolve(process.argv[2]);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** @type {typeof import('esbuild')} */
const { build } = createRequire(join(root, 'static', 'package.json'))('esbuild');

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
  absWorkingDir: root,
};

await Promise.all([
  build({
    ...common,
    format: 'esm',
    entryPoints: ['static/js/nightshift.mjs'],
    outfile: join(out, 'js/nightshift.mjs'),
    external: ['./broker.mjs', './compute.mjs', '../vendor/code-editor.mjs'],
  }),
  build({
    ...common,
    format: 'esm',
    entryPoints: ['static/js/broker.mjs'],
    outfile: join(out, 'js/broker.mjs'),
    external: ['../vendor/*'],
  }),
  ...['compute', 'compute-worker'].map((name) =>
    build({
      ...common,
      format: 'esm',
      entryPoints: [`static/js/${name}.mjs`],
      outfile: join(out, `js/${name}.mjs`),
      external: ['../vendor/*'],
    }),
  ),
  build({ ...common, format: 'iife', entryPoints: ['static/js/store-worker.mjs'], outfile: join(out, 'js/store-worker.mjs') }),
  build({ ...common, format: 'esm', entryPoints: ['static/js/entry.mjs'], outfile: join(out, 'js/entry.mjs'), external: ['../vendor/*'] }),
  build({
    ...common,
    bundle: false,
    entryPoints: ['early', 'lastview', 'policy', 'watch'].map((name) => `static/js/${name}.js`),
    outdir: join(out, 'js'),
  }),
  build({ ...common, entryPoints: ['static/css/nightshift.css'], outfile: join(out, 'css/nightshift.css'), external: ['*.svg'] }),
]);
