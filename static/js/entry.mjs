// Brings PyScript in. What goes wrong from here on is told by watch.js.
const { nightshift } = globalThis;

import('../vendor/boot.mjs').catch(nightshift.fail); // Pyodide starts meanwhile

try {
  const { hooks } = await import('../vendor/pyscript.mjs');
  // PyScript builds its workers' hooks with Function(), which the policy refuses; Nightshift has no PyScript worker.
  hooks.worker.onBeforeRunAsync.clear();
  // An exception that leaves the entry script reaches PyScript's stderr and nobody else.
  hooks.main.onReady.add(({ io }) => {
    const { stderr } = io;
    io.stderr = (error, ...rest) => {
      if (error instanceof Error) nightshift.fail(error);
      return stderr(error, ...rest);
    };
  });
} catch (error) {
  nightshift.fail(error);
}
