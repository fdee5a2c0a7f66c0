// The page's line to the server that it came from: a WebSocket on the same origin. Frames are texts or bytes of many messages each.
//
// Python awaits `opened` and `receive`, so they reject only with native Errors; what it closes ends `receive` with nothing. (An object with `next` and `send` would be a generator to Pyodide.)

/** @type {Set<Line>} */
const open = new Set();

// Python is dead (life.mjs): the server hands what waits to another tab.
addEventListener('nightshift:died', () => {
  for (const line of open) line.close();
});

class Line {
  #socket;
  /** @type {(string | ArrayBuffer)[]} */
  #frames = [];
  #ended = false;
  #wake = () => {};

  /** @param {string} path */
  constructor(path) {
    const url = new URL(path, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
    /** @type {Promise<void>} */
    this.opened = new Promise((resolve, reject) => {
      this.#socket.onopen = () => resolve();
      this.#socket.onclose = () => {
        this.#ended = true;
        open.delete(this);
        this.#wake();
        reject(new Error('The server did not answer.'));
      };
    });
    open.add(this);
    this.opened.catch(() => {}); // whoever waits for it hears it too
    this.#socket.onmessage = ({ data }) => {
      this.#frames.push(data);
      this.#wake();
    };
  }

  // The next frame: a text or a Uint8Array; nothing when the line is closed.
  async receive() {
    while (!this.#frames.length && !this.#ended) {
      await /** @type {Promise<void>} */ (
        new Promise((resolve) => {
          this.#wake = resolve;
        })
      );
    }
    const data = this.#frames.shift();
    return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  }

  /**
   * Whether it could be given to the browser, which sends it in its order.
   * @param {string | Uint8Array<ArrayBuffer>} frame
   */
  give(frame) {
    if (this.#ended || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(frame);
    return true;
  }

  close() {
    open.delete(this);
    this.#ended = true;
    this.#wake();
    this.#socket.close();
  }
}

/** @param {string} path */
export const connect = (path) => new Line(path);
