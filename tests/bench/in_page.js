// Helpers for measuring inside the page. Everything is told in milliseconds of performance.now().
// @ts-expect-error: used by what the page is given behind this text
// biome-ignore lint/correctness/noUnusedVariables: the same
const bench = (() => {
  const WAIT_MS = 300_000;

  // Resolves when `holds()` is true, which is asked whenever the document or the address changes.
  /**
   * @param {() => boolean} holds
   * @returns {Promise<void>}
   */
  const until = (holds) =>
    new Promise((resolve, reject) => {
      if (holds()) return resolve();
      const timer = setTimeout(() => end(() => reject(new Error(`waited in vain for ${holds}`))), WAIT_MS);
      const look = () => holds() && end(resolve);
      const observer = new MutationObserver(look);
      /** @param {() => void} then */
      const end = (then) => {
        observer.disconnect();
        removeEventListener('hashchange', look);
        clearTimeout(timer);
        then();
      };
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      addEventListener('hashchange', look);
    });

  /**
   * Resolves when what the document holds now has been painted.
   * @returns {Promise<number>}
   */
  const painted = () =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve(performance.now());
        channel.port2.postMessage(null);
      });
    });

  /**
   * From `begin()` until `done()` holds and is painted.
   * @param {() => void} begin
   * @param {() => boolean} done
   */
  const timed = async (begin, done) => {
    const began = performance.now();
    begin();
    await until(done);
    return (await painted()) - began;
  };

  // From the next key stroke until the thread is told to be saved, painted.
  const typed = async () => {
    /** @type {number} */
    const began = await new Promise((resolve) =>
      addEventListener('keydown', (event) => resolve(event.timeStamp), { capture: true, once: true }),
    );
    await until(() => !document.querySelector('[data-saved]'));
    await until(() => document.querySelector('[data-saved]') !== null);
    return (await painted()) - began;
  };

  /**
   * From each key stroke in the composer until its letter is painted, until `done()` holds.
   * @param {() => boolean} done
   */
  const keys = async (done) => {
    /** @type {Promise<number>[]} */
    const found = [];
    /** @param {Event} event */
    const look = (event) => {
      const pressed = began;
      if (event instanceof InputEvent) found.push(painted().then((when) => when - pressed));
    };
    let began = 0;
    /** @param {KeyboardEvent} event */
    const press = (event) => {
      began = event.timeStamp;
    };
    addEventListener('keydown', press, { capture: true });
    addEventListener('input', look);
    await until(done);
    removeEventListener('keydown', press, { capture: true });
    removeEventListener('input', look);
    return Promise.all(found);
  };

  return { timed, typed, keys };
})();
