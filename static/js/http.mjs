// HTTP for Python: fetch for most, XMLHttpRequest for forms because only it tells how much has gone up.
//
// Nothing but what the request says leaves the page: no cookies (but to its own server, asked for by a path alone), no referrer, no cache.
//
// Redirects. A request that does not say `follows` is not redirected (`redirect: 'manual'`). One that does is followed on its own origin, with the key,
// and to the origins that `follows` lists, without it: browsers drop Authorization when a redirect leaves the origin (Fetch standard since 2022; Chromium 119,
// Firefox 111), and the tests look at that. To any other origin the page's policy stops it before anything is sent, or, where another provider's
// origin is meant, the answer is refused. What a page can know: that it was redirected, and where to only when it was followed. The answer with the
// address (`Location`) is never shown to it, and a violation of the policy names the address that was asked for, not the one that was meant.
// XMLHttpRequest always follows; the same rules are applied to its answer.
//
// Python awaits `done` and `next`, so they reject only with native Errors: «NetworkError:<kind>», or «AbortError» when Python gave up.
/** @import { Answer, Bytes, Call, Head } from './types/protocol.ts' */
import { allows } from './allowed.mjs';
import {
  PRIVATE,
  aborted,
  answered,
  broken,
  classify,
  headersIn,
  mayFollow,
  networkError,
  originOf,
  redirected,
  redirects,
  stripped,
  watchTurns,
} from './http-failures.mjs';

const PIECE = 1 << 20;

// A deadline that can be pushed back and an abort that Python can ask for, as one signal.
export class Limit {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {number} milliseconds */
  constructor(milliseconds) {
    this.controller = new AbortController();
    this.milliseconds = milliseconds;
    this.expired = false;
    this.renew();
  }

  renew() {
    clearTimeout(this.#timer);
    // beyond 2^31 ms a timer would fire at once
    this.#timer = setTimeout(
      () => {
        this.expired = true;
        this.controller.abort();
      },
      Math.min(this.milliseconds, 2 ** 31 - 1),
    );
  }

  stop() {
    clearTimeout(this.#timer);
  }

  // Why the exchange ended, when it was this limit that ended it.
  reason() {
    if (this.expired) return networkError('timeout', `No answer within ${this.milliseconds / 1000} s.`);
    if (this.controller.signal.aborted) return aborted();
    return null;
  }
}

/**
 * @param {Head} head
 * @param {Bytes | undefined} body
 * @param {Limit} limit
 */
async function begin(head, body, limit) {
  const own = head.url.startsWith('/'); // the local server knows this page by its session
  const follow = Array.isArray(head.follows) && !own;
  const turns = watchTurns(originOf(head.url));
  let response;
  try {
    response = await fetch(head.url, {
      ...PRIVATE,
      credentials: own ? 'same-origin' : 'omit',
      method: head.method,
      headers: head.headers,
      body,
      redirect: follow ? 'follow' : 'manual', // «error» would look like an unreachable host
      mode: 'cors',
      signal: limit.controller.signal,
    });
  } catch {
    // The browser's own words are dropped: for a header that it cannot send they quote the header, and the header holds the key.
    const ended = limit.reason();
    if (ended) throw ended;
    await new Promise((resolve) => setTimeout(resolve)); // the event may come after the rejection
    if (turns.turned || (follow && allows(originOf(head.url)) && (await redirects(head)))) throw redirected('');
    throw await classify(head.url, 'The browser got no answer.');
  } finally {
    turns.stop();
  }
  if (response.type === 'opaqueredirect') throw redirected('');
  if (response.redirected && !mayFollow(head, response.url)) {
    response.body?.cancel().catch(() => {});
    throw redirected(originOf(response.url));
  }
  answered.add(originOf(head.url));
  return response;
}

// --- one exchange ---

/**
 * The whole answer.
 * @param {string} headText the JSON of a Head
 * @param {Bytes} [body]
 * @returns {Call<Answer>}
 */
export function send(headText, body) {
  /** @type {Head} */
  const head = JSON.parse(headText);
  const limit = new Limit(head.timeout * 1000);
  return { done: exchanged(head, body, limit), abort: () => limit.controller.abort() };
}

/**
 * The same within a limit that is there.
 * @param {Head} head
 * @param {Bytes | undefined} body
 * @param {Limit} limit
 * @returns {Promise<Answer>}
 */
export async function exchanged(head, body, limit) {
  try {
    const response = await begin(head, body, limit);
    try {
      return whole(response.status, response.headers, new Uint8Array(await response.arrayBuffer()));
    } catch (error) {
      throw limit.reason() ?? broken(error);
    }
  } finally {
    limit.stop();
  }
}

/**
 * @param {number} status
 * @param {Iterable<[string, string]>} headers
 * @param {Bytes} body
 * @returns {Answer}
 */
const whole = (status, headers, body) => ({ status, headers: JSON.stringify(Object.fromEntries(headers)), body });

// --- a form ---

/**
 * Like `send`, for multipart/form-data: the head's `fields`, and its `file` with this content.
 * @param {string} headText
 * @param {Blob | Bytes | undefined} content
 * @param {(sent: number, total: number) => void} [progress]
 * @returns {Call<Answer>}
 */
export function sendForm(headText, content, progress) {
  /** @type {Head} */
  const head = JSON.parse(headText);
  const form = new FormData();
  for (const [name, value] of head.fields) form.append(name, value);
  if (head.file && content) form.append(head.file.name, typed(content, head.file.type), head.file.filename);
  const limit = new Limit(head.timeout * 1000);
  const call = new XMLHttpRequest();
  limit.controller.signal.addEventListener('abort', () => call.abort());
  const exchange = async () => {
    try {
      return await upload(call, head, form, limit, progress);
    } finally {
      limit.stop();
    }
  };
  return { done: exchange(), abort: () => limit.controller.abort() };
}

/**
 * slice gives the type without copying the content
 * @param {Blob | Bytes} content
 * @param {string} type
 */
const typed = (content, type) => (content instanceof Blob ? content.slice(0, content.size, type) : new Blob([content], { type }));

/**
 * @param {XMLHttpRequest} call
 * @param {Head} head
 * @param {FormData} form
 * @param {Limit} limit
 * @param {((sent: number, total: number) => void) | undefined} progress
 * @returns {Promise<Answer>}
 */
function upload(call, head, form, limit, progress) {
  return new Promise((resolve, reject) => {
    let began = false;
    const turns = watchTurns(originOf(head.url));
    call.open(head.method, head.url);
    call.responseType = 'arraybuffer';
    try {
      for (const [name, value] of Object.entries(head.headers)) call.setRequestHeader(name, value);
    } catch {
      turns.stop();
      return reject(networkError('unreachable', 'The key holds a character that no header can carry.')); // their words would quote it
    }
    call.upload.onprogress = (event) => {
      began ||= event.loaded > 0;
      progress?.(event.loaded, event.total);
    };
    call.onabort = () => {
      turns.stop();
      reject(limit.reason() ?? aborted());
    };
    call.onerror = async () => {
      await new Promise((resolve) => setTimeout(resolve)); // the event may come after the error
      turns.stop();
      if (turns.turned) reject(redirected(''));
      else if (began || call.status) reject(broken('The connection was lost.'));
      else classify(head.url, 'The upload failed.').then(reject, reject);
    };
    call.onload = () => {
      turns.stop();
      if (stripped(call.responseURL) !== stripped(head.url) && !mayFollow(head, call.responseURL))
        return reject(redirected(originOf(call.responseURL)));
      answered.add(originOf(head.url));
      resolve(whole(call.status, headersIn(call.getAllResponseHeaders()), new Uint8Array(call.response)));
    };
    call.send(form);
  });
}

// --- a stream ---

/**
 * A Download, once the headers are there. The time limit is for each wait, not for the whole.
 * @param {string} headText
 * @param {Bytes} [body]
 * @returns {Call<Download>}
 */
export function stream(headText, body) {
  /** @type {Head} */
  const head = JSON.parse(headText);
  const limit = new Limit(head.timeout * 1000);
  const opening = async () => {
    try {
      return new Download(await begin(head, body, limit), limit, head.live ? 1 : PIECE);
    } finally {
      limit.stop();
    }
  };
  return { done: opening(), abort: () => limit.controller.abort() };
}

class Download {
  #reader;
  #limit;
  #least;
  #ended = false;
  /** @type {Error | null} */
  #failure = null;

  /**
   * @param {Response} response
   * @param {Limit} limit
   * @param {number} least bytes of a piece, but for the last one
   */
  constructor(response, limit, least) {
    this.#least = least;
    this.status = response.status;
    this.headers = JSON.stringify(Object.fromEntries(response.headers));
    this.#reader = response.body?.getReader() ?? null;
    this.#limit = limit;
  }

  /**
   * The next piece, or nothing at the end. Nothing is read ahead of being asked for beyond the browser's own buffer.
   * @returns {Promise<Bytes | undefined>}
   */
  async next() {
    if (this.#failure) throw this.#failure;
    if (this.#ended || !this.#reader) return undefined;
    /** @type {Bytes[]} */
    const parts = [];
    let size = 0;
    try {
      while (size < this.#least) {
        this.#limit.renew();
        const { done, value } = await this.#reader.read();
        if (done) {
          this.#ended = true;
          break;
        }
        parts.push(value);
        size += value.length;
      }
    } catch (error) {
      this.#ended = true;
      this.#failure = this.#limit.reason() ?? broken(error);
      if (!size || this.#failure.name === 'AbortError') throw this.#failure;
      // what came before the break is handed over first: the rest can be asked for
    } finally {
      this.#limit.stop();
    }
    if (!size) return undefined;
    if (parts.length === 1) return parts[0];
    const piece = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      piece.set(part, at);
      at += part.length;
    }
    return piece;
  }

  abort() {
    this.#limit.controller.abort();
  }
}
