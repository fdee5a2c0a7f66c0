// What entry.mjs uses of PyScript (@pyscript/core, src/hooks.js): its own declarations know neither `io` nor the sets.
type Io = { stderr: (error: unknown, ...rest: unknown[]) => unknown };

export declare const hooks: {
  main: { onReady: Set<(wrap: { io: Io }, element: Element) => void> };
  worker: { onBeforeRunAsync: Set<unknown> };
};
