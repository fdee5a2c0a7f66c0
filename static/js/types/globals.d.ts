// Globals of the page: what watch.js offers, and what of the browser the standard declarations do not have.
declare module 'pyodide/pyodide.mjs' {
  export * from 'pyodide';
}

declare module 'pyodide/pyodide.asm.mjs' {
  const createPyodideModule: NonNullable<import('pyodide').PyodideConfig['createPyodideModule']>;
  export default createPyodideModule;
}

/** The start, as watch.js watches it. */
declare var nightshift: Readonly<{
  mark: (name: string) => void;
  ready: () => void;
  /** Ends the start with a sentence; afterwards it means nothing. */
  fail: (error: unknown) => void;
  /** Python died: life.mjs says so in the page. */
  died: () => void;
}>;

/** The last view while it stands in the shell's place (lastview.js). */
declare var lastView: import('./protocol.ts').LastView | undefined;

// JSPI, which boot.mjs hides from Pyodide.
declare namespace WebAssembly {
  var Suspending: unknown;
  var Suspender: unknown;
}

// A worker's (compute-worker.mjs).
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

// File System Access: Chromium has it.
declare function showDirectoryPicker(options: { id: string; mode: 'read' | 'readwrite' }): Promise<FileSystemDirectoryHandle>;

interface FileSystemHandle {
  queryPermission(descriptor: { mode: 'read' | 'readwrite' }): Promise<PermissionState>;
  requestPermission(descriptor: { mode: 'read' | 'readwrite' }): Promise<PermissionState>;
}
