// What a tab tells the others of its commits: the tables that it wrote to. A tab may be closed, or die, between the end of a commit and that message; the
// others would keep what they know from before, and a queue that was given back would stand there empty. So it says on a second channel that it begins
// and that it has ended, and where no end is heard in time the others take it as written. (A channel of its own: a tab that was opened before an update
// takes whatever it hears on the first for a list of tables.)
const PATIENCE_MS = 2000; // a commit that takes longer is told twice

/** @typedef {(tables: string[]) => void} Listener */

export class Telling {
  #written;
  #under;
  #patience;
  #closed = false;
  #tab = Math.random().toString(36).slice(2);
  #count = 0;
  /** @type {Listener[]} */
  #listeners = [];
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #awaited = new Map();

  /**
   * @param {string} name of the database
   * @param {number} [patience] milliseconds
   */
  constructor(name, patience = PATIENCE_MS) {
    this.#patience = patience;
    this.#written = new BroadcastChannel(name);
    this.#written.onmessage = ({ data }) => this.#tell(data);
    this.#under = new BroadcastChannel(`${name}:commits`);
    this.#under.onmessage = ({ data }) => this.#heard(data);
  }

  /**
   * `listener` hears of the tables that another tab or worker wrote to.
   * @param {Listener} listener
   */
  watch(listener) {
    this.#listeners.push(listener);
  }

  /**
   * Does `work`, a commit to these tables, and tells the others of it.
   * @template T
   * @param {string[]} tables
   * @param {() => Promise<T>} work
   */
  async during(tables, work) {
    if (!tables.length) return work();
    this.#count += 1;
    const id = `${this.#tab}:${this.#count}`;
    this.#post(this.#under, { id, tables });
    try {
      const done = await work();
      this.#post(this.#written, tables);
      return done;
    } finally {
      this.#post(this.#under, { id });
    }
  }

  /** How many commits of others have begun of which no end was heard. */
  get awaited() {
    return this.#awaited.size;
  }

  close() {
    this.#closed = true;
    for (const timer of this.#awaited.values()) clearTimeout(timer);
    this.#awaited.clear();
    this.#written.close();
    this.#under.close();
  }

  /**
   * @param {BroadcastChannel} channel
   * @param {unknown} message
   */
  #post(channel, message) {
    if (!this.#closed) channel.postMessage(message); // a closed channel throws, and the commit has its own end
  }

  /** @param {string[]} tables */
  #tell(tables) {
    for (const one of this.#listeners) one(tables);
  }

  /** @param {{ id: string, tables?: string[] }} commit that begins with these tables, or has ended */
  #heard({ id, tables }) {
    clearTimeout(this.#awaited.get(id));
    this.#awaited.delete(id);
    if (!tables) return;
    const late = () => {
      this.#awaited.delete(id);
      this.#tell(tables);
    };
    this.#awaited.set(id, setTimeout(late, this.#patience));
  }
}
