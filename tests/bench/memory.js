// Keeps hold of Python's memory, which no page offers: run before everything else, it looks at each wasm module as it comes.
(() => {
  const { instantiateStreaming, instantiate } = WebAssembly;
  /**
   * @param {WebAssembly.Instance} instance
   * @param {WebAssembly.Imports} [imports]
   */
  const keep = (instance, imports) => {
    const values = [instance.exports, ...Object.values(imports ?? {})].flatMap((group) => Object.values(group));
    for (const value of values) if (value instanceof WebAssembly.Memory) Object.assign(globalThis, { benchMemory: value });
  };
  /**
   * @param {(source: any, imports?: WebAssembly.Imports) => Promise<any>} instantiated
   * @returns {any}
   */
  const kept = (instantiated) => async (/** @type {unknown} */ source, /** @type {WebAssembly.Imports} */ imports) => {
    const found = await instantiated(source, imports);
    keep(found.instance ?? found, imports);
    return found;
  };
  WebAssembly.instantiateStreaming = kept(instantiateStreaming.bind(WebAssembly));
  WebAssembly.instantiate = kept(instantiate.bind(WebAssembly));
})();
