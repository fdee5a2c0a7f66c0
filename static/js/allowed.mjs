// Which origins this load of the page may call, read from the policy that policy.js wrote.

// A list of origins, or nothing where the page has no policy of its own. 'self' comes as the page's origin.
export function allowedOrigins() {
  const policy = document.querySelector('meta[http-equiv="Content-Security-Policy" i]')?.content;
  const sources = policy
    ?.split(';')
    .map((directive) => directive.trim().split(/\s+/))
    .find(([name]) => name === 'connect-src');
  return sources?.slice(1).map((source) => (source === "'self'" ? location.origin : source));
}
