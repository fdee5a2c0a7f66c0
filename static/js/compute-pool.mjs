// Which worker carries out which job: one job at a time in each, two workers at most, more jobs wait. A worker begins when it is first needed, and ends
// when it is idle, when it has become large (the memory of WebAssembly never shrinks), when its job is stopped and does not listen, and when it breaks down.
//
// Jobs of a place have a worker of their own beside those two: it keeps what one of them leaves for the next (an index), so it may be large and idle for
// longer. It ends like the others when nobody needs the place any more (leave).
/** @import { FromWorker, JobInput, RunningJob, WorkerParts } from './types/protocol.ts' */
import { failure } from './errors.mjs';

export const MOST = 2;
export const LARGE = 128 * 1024 * 1024; // bytes of Python's memory after a job: it begins with 20 to 30 MB
export const IDLE_MS = 30_000;
export const START_MS = 30_000; // in some browsers a worker that is refused says nothing
export const GRACE_MS = 250; // a job that was told to stop may put things in order so long
export const KEEP_MS = 300_000; // a worker that keeps something is idle so long
export const KEEP_GRACE_MS = 5_000; // what it keeps takes longer to make than a stop to be heard

/**
 * @typedef {{
 *   text: string,
 *   inputs: JobInput[],
 *   place: string,
 *   moved: (text: string) => void,
 *   resolve: (ended: { text: string, blob: Blob | undefined }) => void,
 *   reject: (error: Error) => void,
 * }} Job
 */

/** One worker, from its start to its end. */
class One {
  /** @type {Job | null} */
  job = null;
  ready = false;
  ended = false;
  needed = true; // what it keeps is
  /** @type {() => void} */
  #rested = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Pool} pool
   * @param {Worker} worker
   * @param {string} place whose jobs it carries out; empty: those of none
   */
  constructor(pool, worker, place) {
    this.pool = pool;
    this.worker = worker;
    this.place = place;
    worker.onmessage = ({ data }) => this.#heard(data);
    worker.onerror = (event) => {
      event.preventDefault?.(); // it is told, once, by who waits
      this.#broken(event.message || 'the browser gave no reason');
    };
    worker.onmessageerror = () => this.#broken('a message could not be read');
    this.#timer = setTimeout(() => this.#broken(`it did not start within ${START_MS / 1000} seconds`), START_MS);
  }

  /** @param {FromWorker} said */
  #heard(said) {
    if (this.ended) return;
    if (!this.pool.takes(said)) this.#broken('it said more than is listened to, or something else');
    else if (said.type === 'ready') {
      clearTimeout(this.#timer);
      this.ready = true;
      this.#begin();
    } else if (said.type === 'moved') this.job?.moved(said.text);
    else if (said.type === 'ended') this.#done(said);
    else this.#broken(said.reason);
  }

  /** @param {Job} job */
  take(job) {
    clearTimeout(this.ready ? this.#timer : undefined);
    this.job = job;
    this.needed = true;
    if (this.ready) this.#begin();
  }

  #begin() {
    if (!this.job) return this.#rest();
    const { text, inputs } = this.job;
    this.worker.postMessage(
      { text, inputs },
      inputs.filter((one) => one instanceof Uint8Array).map((one) => one.buffer),
    );
  }

  /** @param {{ text: string, blob: Blob | undefined, memory: number }} said */
  #done({ text, blob, memory }) {
    const { job } = this;
    this.job = null;
    job?.resolve({ text, blob });
    this.#rested();
    if (memory > LARGE && !this.place) this.end();
    else this.#rest();
  }

  #rest() {
    this.#timer = setTimeout(() => this.end(), this.place && this.needed ? KEEP_MS : IDLE_MS);
    this.pool.next();
  }

  // What it keeps is not needed any more.
  leave() {
    this.needed = false;
    if (!this.ready || this.job) return;
    clearTimeout(this.#timer);
    this.#rest();
  }

  /** @param {string} reason */
  #broken(reason) {
    if (this.ended) return;
    const { job } = this;
    const error = failure(this.ready ? 'JobDied' : 'NoWorker', reason);
    if (!this.ready) performance.mark('nightshift:no-worker', { detail: reason }); // for developers: the page does the work itself
    this.job = null;
    this.end();
    job?.reject(error);
  }

  end() {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.#timer);
    this.worker.terminate();
    this.job?.reject(failure('JobDied', 'it was stopped'));
    this.job = null;
    this.#rested();
    this.pool.gone(this);
  }

  /**
   * Resolves when the job has ended, by itself or with its worker.
   * @param {string} text
   */
  async stop(text) {
    if (!this.ready) return this.end();
    const rested = new Promise((resolve) => {
      this.#rested = () => resolve(undefined);
    });
    this.worker.postMessage({ text });
    const timer = setTimeout(() => this.end(), this.place ? KEEP_GRACE_MS : GRACE_MS);
    await rested;
    clearTimeout(timer);
  }
}

export class Pool {
  /** @type {Set<One>} */
  workers = new Set();
  /** @type {Job[]} */
  #line = [];
  #make;
  #parts;

  /**
   * @param {() => Worker} make
   * @param {() => Promise<WorkerParts>} parts what a worker is given first
   * @param {number} longest characters that are taken from a worker at once
   */
  constructor(make, parts, longest = Number.POSITIVE_INFINITY) {
    this.#make = make;
    this.#parts = parts;
    this.longest = longest;
  }

  /**
   * Whether a word of a worker is one that is listened to: what people's own Python has got hold of may say anything.
   * @param {FromWorker} said
   */
  takes(said) {
    if (this.longest === Number.POSITIVE_INFINITY) return true;
    const { text = '', blob } = /** @type {{ text?: unknown, blob?: unknown }} */ (said);
    return typeof text === 'string' && text.length <= this.longest && (blob === undefined || blob === null || blob instanceof Blob);
  }

  /**
   * Begins a job, or has it wait. `done` rejects with NoWorker or JobDied.
   * @param {string} text a StartJob
   * @param {JobInput[]} inputs
   * @param {(text: string) => void} moved hears each JobMoved until the job has ended or is told to stop
   * @param {string} place whose worker keeps what the job needs; empty: any
   * @returns {RunningJob}
   */
  begin(text, inputs, moved, place = '') {
    /** @type {Job} */
    const job = { text, inputs, moved, place, resolve: () => {}, reject: () => {} };
    /** @type {RunningJob['done']} */
    const done = new Promise((resolve, reject) => {
      job.resolve = resolve;
      job.reject = reject;
    });
    done.catch(() => {}); // who stops a job no longer awaits it
    this.#line.push(job);
    this.next();
    /** @param {string} text */
    const stop = async (text) => {
      job.moved = () => {};
      this.#line = this.#line.filter((one) => one !== job);
      const worker = [...this.workers].find((one) => one.job === job);
      if (worker) await worker.stop(text);
    };
    return { done, stop };
  }

  /**
   * What a place's worker keeps is not needed any more.
   * @param {string} place
   */
  leave(place) {
    for (const one of this.workers) if (one.place === place) one.leave();
  }

  // Gives each job of the line, in its order, to a worker of its place that has none, or to a new one.
  next() {
    for (const job of [...this.#line]) {
      const free = this.#free(job.place);
      if (!free) continue;
      this.#line.splice(this.#line.indexOf(job), 1);
      free.take(job);
    }
  }

  /** @param {string} place */
  #free(place) {
    const there = [...this.workers].filter((one) => one.place === place);
    return there.find((one) => !one.job) ?? (there.length < (place ? 1 : MOST) ? this.#started(place) : undefined);
  }

  /** @param {string} place */
  #started(place) {
    const one = new One(this, this.#make(), place);
    this.workers.add(one);
    this.#parts().then(
      (parts) => {
        if (one.ended) return;
        // compiled code and the page's files are shared or copied; what is only the worker's goes over
        const moved = [parts.library, parts.archive, ...Object.values(parts.modules).map((one) => one?.[1])];
        one.worker.postMessage(parts, [...moved.flatMap((data) => (data ? [data.buffer] : [])), ...(parts.asks ? [parts.asks] : [])]);
      },
      (error) => one.worker.onerror?.(/** @type {any} */ ({ message: `${error?.message ?? error}` })),
    );
    return one;
  }

  /** @param {One} one */
  gone(one) {
    this.workers.delete(one);
    this.next();
  }

  close() {
    for (const job of this.#line.splice(0)) job.reject(failure('JobDied', 'the page has ended'));
    for (const one of this.workers) one.end();
  }
}
