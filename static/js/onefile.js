// The loader of nightshift.html, the page as one file (tools/onefile.py puts it there; the served page does not have it).
//
// The build's files stand in the document as data blocks (scripts of type text/plain), each gzipped and seven bits a character, large ones in several pieces; after
// each piece a small script says that it is there. A worker unpacks them while the rest of the file is still being read. From what it gives back
// this answers fetch() for the build's own addresses, and an import map leads the addresses of modules to blobs. So PyScript and Pyodide run as they are.
(() => {
  'use strict';
  const { nightshift } = globalThis;
  const own = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
  const entry = own.entry ?? '';
  const pieces = Number(own.pieces);
  /** @param {string} path */
  const absolute = (path) => new URL(path, document.baseURI).href;
  const parsed = new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }));
  /**
   * What is known of a file: `take` is given its bytes as they come.
   * @typedef {{
   *   type: string,
   *   take: (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>, last: boolean) => unknown,
   *   bytes?: Promise<ArrayBuffer | Uint8Array<ArrayBuffer>>,
   *   compiled?: Promise<WebAssembly.Module>,
   * }} Held
   */
  /** @type {Map<string, Held>} */
  const files = new Map(); // by address

  // Runs in a worker, so that the page's thread has nothing to do with pieces but to hand them on.
  const unpack = () => {
    /** @type {Map<string, WritableStreamDefaultWriter<BufferSource>>} */
    const writers = new Map();
    const coder = new TextEncoder();
    // The highest bit first; "=" says that the next character stands 64 places too high (encoded in tools/onefile.py).
    /** @param {string} text */
    const decode = (text) => {
      const from = coder.encode(text);
      const to = new Uint8Array(from.length); // what is behind the last byte is cut off
      let [count, held, bits] = [0, 0, 0];
      for (let n = 0; n < from.length; n += 1) {
        let value = from[n] ?? 0;
        if (value === 61) {
          n += 1;
          value = (from[n] ?? 0) - 64;
        }
        held = (held << 7) | value;
        bits += 7;
        if (bits < 8) continue;
        bits -= 8;
        to[count] = held >> bits;
        held &= (1 << bits) - 1;
        count += 1;
      }
      return to.subarray(0, count);
    };
    /**
     * @param {string} address
     * @param {ReadableStream<Uint8Array<ArrayBuffer>>} readable
     */
    const whole = async (address, readable) => {
      const bytes = await new Response(readable).arrayBuffer();
      postMessage({ address, bytes, last: true }, { transfer: [bytes] });
    };
    /**
     * @param {string} address
     * @param {ReadableStream<Uint8Array<ArrayBuffer>>} readable
     */
    const flowing = async (address, readable) => {
      const reader = readable.getReader();
      for (;;) {
        const { value, done } = await reader.read();
        postMessage({ address, bytes: value, last: done }, { transfer: value ? [value.buffer] : [] });
        if (done) return;
      }
    };
    addEventListener('message', ({ data: { address, text, last, flows } }) => {
      /** @param {any} error */
      const fail = (error) => postMessage({ address, error: `${error?.message ?? error}` });
      if (!writers.has(address)) {
        const { readable, writable } = new DecompressionStream('gzip');
        (flows ? flowing : whole)(address, readable).catch(fail);
        writers.set(address, writable.getWriter());
      }
      const writer = writers.get(address);
      writer?.write(decode(text)).catch(() => {});
      if (last) writer?.close().catch(() => {});
    });
  };
  const worker = new Worker(URL.createObjectURL(new Blob([`(${unpack})()`], { type: 'text/javascript' })));
  worker.onerror = (event) => nightshift.fail(event.message);
  let came = 0;
  let unfinished = 0;
  worker.onmessage = ({ data: { address, bytes, last, error } }) => {
    if (error) nightshift.fail(error);
    else files.get(address)?.take(bytes, last);
    if (last) unfinished -= 1;
    if (!unfinished && came >= pieces) worker.terminate();
  };

  // wasm is compiled while it comes; of anything else the bytes are kept.
  /**
   * @param {string} type
   * @returns {Held}
   */
  const begin = (type) => {
    if (type !== 'application/wasm') {
      /** @type {Held['take']} */
      let take = () => {};
      /** @type {Held['bytes']} */
      const bytes = new Promise((resolve) => {
        take = resolve;
      });
      return { type, bytes, take };
    }
    /** @type {TransformStream<any, Uint8Array<ArrayBuffer>>} */
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const compiled = WebAssembly.compileStreaming(new Response(readable, { headers: { 'Content-Type': type } }));
    compiled.catch(nightshift.fail);
    return { type, compiled, take: (bytes, last) => (last ? writer.close() : writer.write(bytes)) };
  };

  addEventListener('nightshift:piece', () => {
    came += 1;
    const piece = /** @type {HTMLScriptElement} */ (document.currentScript?.previousElementSibling);
    const { path = '', type = '', last } = piece.dataset;
    const address = absolute(path);
    if (!files.has(address)) {
      files.set(address, begin(type));
      unfinished += 1;
    }
    worker.postMessage({ address, text: piece.textContent, last: last !== undefined, flows: type === 'application/wasm' });
    piece.remove();
  });
  void parsed.then(() => {
    if (came < pieces) nightshift.fail(`The file is not whole: ${came} of its ${pieces} pieces are there. Fetch it again.`);
  });

  // What the file holds is answered from memory; anything else goes its way. An address beside the file may be one that has not been read yet.
  const beside = absolute('./');
  const network = globalThis.fetch;
  /** @type {WeakMap<Response, Promise<WebAssembly.Module>>} */
  const compiled = new WeakMap();
  globalThis.fetch = async (input, init) => {
    const address = absolute(input instanceof Request ? input.url : `${input}`);
    if (!files.has(address) && address.startsWith(beside)) await parsed;
    const file = files.get(address);
    if (!file) return network.call(globalThis, input, init);
    const answer = new Response(file.compiled ? null : await file.bytes, { headers: { 'Content-Type': file.type } });
    if (file.compiled) compiled.set(answer, file.compiled);
    return answer;
  };

  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (
    /** @type {Response | PromiseLike<Response>} */ source,
    /** @type {WebAssembly.Imports | undefined} */ imports,
  ) => {
    const answer = await source;
    const module = await compiled.get(answer);
    if (!module) return instantiateStreaming.call(WebAssembly, answer, imports);
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };

  // A blob has no folder: tools/onefile.py made each module ask `nightshiftAddress` where it would ask `import.meta.url`.
  /**
   * @param {string} address
   * @param {Held} file
   */
  const blobOf = async (address, { bytes, type }) =>
    URL.createObjectURL(new Blob([`const nightshiftAddress=${JSON.stringify(address)};`, (await bytes) ?? ''], { type }));

  // The last of the modules is there. The import map must be a script in the document: policy.js made a nonce for it, of this load.
  const start = async () => {
    const modules = [...files].filter(([, file]) => file.type === 'text/javascript');
    const imports = Object.fromEntries(await Promise.all(modules.map(async ([address, file]) => [address, await blobOf(address, file)])));
    const map = document.createElement('script');
    map.type = 'importmap';
    const policy = /** @type {HTMLMetaElement} */ (document.querySelector('meta[http-equiv="Content-Security-Policy"]'));
    map.nonce = /'nonce-([^']+)'/.exec(policy.content)?.[1] ?? '';
    map.textContent = JSON.stringify({ imports });
    document.head.append(map);
    map.remove();
    void parsed.then(close);
    await import(absolute(entry));
  };

  // From here on no inline script is needed, not even one of our own: a second policy, which can only take away, leaves nothing but blobs.
  const close = () => {
    const policy = document.createElement('meta');
    policy.httpEquiv = 'Content-Security-Policy';
    const types = "require-trusted-types-for 'script'; trusted-types default nightshift nightshift-kept"; // as policy.js has them elsewhere
    policy.content = `script-src blob: 'wasm-unsafe-eval'${'trustedTypes' in globalThis ? `; ${types}` : ''}`;
    document.head.append(policy);
  };

  addEventListener('nightshift:modules', () => start().catch(nightshift.fail), { once: true });
})();
