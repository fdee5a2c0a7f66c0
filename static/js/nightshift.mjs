// The program's JavaScript as one module: what Python gets as `pyscript.js_modules.nightshift`. The build makes one file of it (tools/pack.mjs).
export * as http from './http.mjs';
export * as page from './page.mjs';
export * as store from './store.mjs';
export * as updates from './updates.mjs';
