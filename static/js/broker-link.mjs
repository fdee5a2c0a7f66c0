// What a connection to a broker is for both transports: something that ends once, with a trouble, and a bell that wakes who waits.

// A native Error that carries a trouble: {code (app/core/programs/rabbit.py), detail, final: only a person can mend it}.
export const fault = ({ code, detail = '', final = false }) => Object.assign(new Error(detail), { trouble: { code, detail, final } });

export const troubleOf = (error) => error?.trouble ?? { code: 'broker', detail: short(error?.message ?? error) };

// A broker's words, on one line.
export const short = (text) => String(text).replace(/\s+/g, ' ').trim().slice(0, 300);

// `ended` resolves to the trouble that the link ended with; `shut` closes what is under it.
export class Link {
  over = false;
  trouble = null;
  server = '';
  #resolve;
  #shut;

  constructor(shut) {
    this.#shut = shut;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  end(trouble) {
    if (this.over) return;
    this.over = true;
    this.trouble = trouble;
    this.#shut();
    this.#resolve(trouble);
  }

  // What `work` comes to, or the fault that the link ends with meanwhile.
  during(work) {
    return Promise.race([work, this.ended.then((trouble) => Promise.reject(fault(trouble)))]);
  }
}

// {ring, rung}: everybody who awaits `rung()` goes on at the next `ring()`.
export function bell() {
  let ring;
  let rung;
  const renew = () => {
    rung = new Promise((resolve) => {
      ring = resolve;
    });
  };
  renew();
  return {
    ring: () => {
      ring();
      renew();
    },
    rung: () => rung,
  };
}

// Lets at most `most` messages be on their way. What is on its way without a word for `patience` ms ends the link.
export class Window {
  #waiting = new Map(); // key -> {done, at}, oldest first
  #bell = bell();

  constructor(link, most, patience) {
    this.link = link;
    this.most = most;
    const watch = setInterval(() => {
      const oldest = this.#waiting.values().next().value;
      if (oldest && performance.now() - oldest.at > patience) link.end({ code: 'lost', detail: `No confirmation within ${patience / 1000} s.` });
    }, 1000);
    link.ended.then(() => {
      clearInterval(watch);
      this.#bell.ring();
    });
  }

  // Waits for room; false when the link is over.
  async room() {
    while (!this.link.over && this.#waiting.size >= this.most) await this.#bell.rung();
    return !this.link.over;
  }

  enter(key, done) {
    this.#waiting.set(key, { done, at: performance.now() });
  }

  // The broker's word on one; means nothing for one that is not on its way.
  leave(key, ...word) {
    const one = this.#waiting.get(key);
    if (!one) return;
    this.#waiting.delete(key);
    one.done(...word);
    this.#bell.ring();
  }

  // Waits until `met`, or the link is over.
  async until(met) {
    while (!this.link.over && !met()) await this.#bell.rung();
  }
}

// The queue that a result goes to. Of a reply-to, destinations of STOMP that name a queue are understood; of others there is none.
export const queueOf = ({ queue, replyTo }) => queue || (/^(?:\/(?:reply-queue|amq\/queue|queue)\/)?([^/].*)$/.exec(replyTo)?.[1] ?? '').replaceAll('%2F', '/');
