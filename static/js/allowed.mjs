// What this load of the page may call, read from the policy that policy.js wrote.

// Whether the page's own policy lets it call this origin. Without such a policy, or when it names no connect-src, everything may be called.
export function allows(origin) {
  const policy = document.querySelector('meta[http-equiv="Content-Security-Policy" i]')?.content ?? '';
  const directives = policy.split(';').map((directive) => directive.trim().split(/\s+/));
  const sources = directives.find(([name]) => name === 'connect-src')?.slice(1);
  if (!sources) return true;
  const fitting = [origin, origin.split('//')[0], '*', ...(origin === location.origin ? ["'self'"] : [])];
  return sources.some((source) => fitting.includes(source));
}
