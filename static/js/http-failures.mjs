// Why a call over HTTP failed, as Python is told («NetworkError:<kind>»), and which answers may be taken: http.mjs says the rules.
/** @import { Head, NetworkKind } from './types/protocol.ts' */
import { allows } from './allowed.mjs';
import { aboutError, failure } from './errors.mjs';

const PROBE_MS = 5000;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** @type {Set<string>} */
export const answered = new Set(); // origins that have answered this page, and so let it read their answers

/** @param {string} url */
export function originOf(url) {
  try {
    return new URL(url, location.href).origin;
  } catch {
    return '';
  }
}

/** @type {(kind: NetworkKind, detail: string) => Error} */
export const networkError = (kind, detail) => failure(`NetworkError:${kind}`, detail);

/** @type {RequestInit} */
export const PRIVATE = { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' };

/**
 * Where a call that never got an answer failed. Only an origin that the policy does not list is «policy»: then nothing has left the page. A violation
 * that the browser reports for a listed one comes of a redirect, and the call behind it may have taken effect.
 * @param {string} url
 * @param {string} detail
 */
export async function classify(url, detail) {
  const origin = originOf(url);
  if (!origin || origin === 'null') return networkError('unreachable', 'The address is not a web address.');
  if (!allows(origin)) return networkError('policy', origin);
  if (!navigator.onLine && !LOOPBACK.test(new URL(origin).hostname)) return networkError('offline', origin);
  if (!(await anybody(origin))) return networkError('unreachable', detail);
  return networkError(answered.has(origin) ? 'broken' : 'blocked', detail);
}

/**
 * Whether anything answers there. Bare: no header, no path, no key; the answer is opaque.
 * @param {string} origin
 */
async function anybody(origin) {
  let answers = false;
  // a root that redirects to a host beyond the policy has answered, although the probe then fails
  /** @param {SecurityPolicyViolationEvent} event */
  const turned = (event) => {
    answers ||= originOf(event.blockedURI) === origin;
  };
  document.addEventListener('securitypolicyviolation', turned);
  try {
    await fetch(`${origin}/`, { ...PRIVATE, mode: 'no-cors', method: 'GET', signal: AbortSignal.timeout(PROBE_MS) });
    return true;
  } catch {
    await new Promise((resolve) => setTimeout(resolve)); // the event may come after the rejection
    return answers;
  } finally {
    document.removeEventListener('securitypolicyviolation', turned);
  }
}

// --- errors ---

export const aborted = () => failure('AbortError', 'The call was given up.');

/** @param {string} to the origin that a call was redirected to, empty where the browser does not say */
export const redirected = (to) => networkError('redirected', to);

/** @param {unknown} error */
export const broken = (error) => networkError('broken', aboutError(error).message);

// --- redirects ---

/**
 * Redirects of this page's calls that the policy stopped: a violation that is reported for a listed origin comes of a redirect, for a call to an
 * unlisted one is not made at all.
 * @param {string} origin
 */
export function watchTurns(origin) {
  const seen = { turned: false, stop: () => document.removeEventListener('securitypolicyviolation', heard) };
  /** @param {SecurityPolicyViolationEvent} event */
  const heard = (event) => {
    seen.turned ||= event.effectiveDirective === 'connect-src' && originOf(event.blockedURI) === origin && allows(origin);
  };
  document.addEventListener('securitypolicyviolation', heard);
  return seen;
}

/**
 * Whether an address redirects, asked once more without following: some redirects fail at their target, which looks like a refusal of the page.
 * @param {Head} head
 */
export async function redirects(head) {
  if (head.method !== 'GET') return false;
  try {
    /** @type {RequestInit} */
    const look = { ...PRIVATE, headers: head.headers, redirect: 'manual', mode: 'cors', signal: AbortSignal.timeout(PROBE_MS) };
    const response = await fetch(head.url, look);
    const turned = response.type === 'opaqueredirect';
    response.body?.cancel().catch(() => {});
    return turned;
  } catch {
    return false;
  }
}

/**
 * Whether an answer from `url` may be taken for one of the address that was asked.
 * @param {Head} head
 * @param {string} url
 */
export const mayFollow = (head, url) => {
  const origin = originOf(url);
  return Array.isArray(head.follows) && (origin === originOf(head.url) || head.follows.includes(origin));
};

// --- addresses and headers ---

/** @param {string} url */
export const stripped = (url) => {
  const { origin, pathname, search } = new URL(url, location.href);
  return origin + pathname + search;
};

/**
 * [[name, value], …] of headers as XMLHttpRequest gives them: names in small letters, values without blanks around them.
 * @param {string} text
 * @returns {[name: string, value: string][]}
 */
export const headersIn = (text) =>
  text
    .split('\r\n')
    .filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]);
