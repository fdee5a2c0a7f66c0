// What this load of the page may call, read from the policy that policy.js wrote.

/**
 * Whether the page's own policy lets it call this origin.
 * @param {string} origin
 */
export function allows(origin) {
  const meta = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[http-equiv="Content-Security-Policy" i]'));
  return listed(meta?.content ?? '', origin, location.origin);
}

/**
 * Whether `policy` lets a page of the origin `own` call `origin`. Without a policy, or when it names no connect-src, everything may be called.
 * @param {string} policy
 * @param {string} origin
 * @param {string} own
 */
export function listed(policy, origin, own) {
  const directives = policy.split(';').map((directive) => directive.trim().split(/\s+/));
  const sources = directives.find(([name]) => name === 'connect-src')?.slice(1);
  if (!sources) return true;
  const fitting = [origin, origin.split('//')[0], '*', ...(origin === own ? ["'self'"] : [])];
  return sources.some((source) => fitting.includes(source));
}
