/** Where a request wants to go: the app's address name (`APP` or `APP--ENV`) and the path within it. */
export interface Address {
  readonly name: string;
  /** Path and query as the app sees them, beginning with `/`. */
  readonly path: string;
}

const PATH_PREFIX = '/@';

/**
 * Reads `NAME.localhost` hosts and `/@NAME/…` paths; the path wins, since it works on every host.
 * `domains` are the suffixes under which apps answer (`localhost`, `apps.example.org`), without leading dot.
 * Null: neither says which app.
 */
export function addressOf(host: string, url: string, domains: readonly string[]): Address | null {
  if (url.startsWith(PATH_PREFIX)) {
    const end = endOfSegment(url, PATH_PREFIX.length);
    const rest = url.slice(end);
    return { name: url.slice(PATH_PREFIX.length, end), path: rest.startsWith('/') ? rest : `/${rest}` };
  }
  const name = nameInHost(host, domains);
  return name === null ? null : { name, path: url };
}

function endOfSegment(url: string, from: number): number {
  for (let i = from; i < url.length; i++) {
    const c = url.charCodeAt(i);
    if (c === 0x2f /* / */ || c === 0x3f /* ? */) return i;
  }
  return url.length;
}

function nameInHost(host: string, domains: readonly string[]): string | null {
  const colon = host.lastIndexOf(':');
  const hostname = (colon > host.lastIndexOf(']') ? host.slice(0, colon) : host).toLowerCase();
  for (const domain of domains) {
    const dot = hostname.length - domain.length - 1;
    if (dot > 0 && hostname.charCodeAt(dot) === 0x2e && hostname.endsWith(domain)) {
      const name = hostname.slice(0, dot);
      if (!name.includes('.')) return name;
    }
  }
  return null;
}
