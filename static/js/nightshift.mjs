// The program's JavaScript as one module: what Python gets as `pyscript.js_modules.nightshift`. The build makes one file of it (tools/pack.mjs).
export * as http from './http.mjs';
export * as page from './page.mjs';
export * as store from './store.mjs';
export * as updates from './updates.mjs';

// RabbitMQ is a module of its own, brought in when it is first needed: the start does not wait for what most pages never use.
export const broker = () => import('./broker.mjs');
