import { addressOf } from '../../domain/snapshot.ts';

/** The addresses at which the gateway serves apps. */
export class AppUrls {
  readonly #gateway: () => string;

  /** `gateway`: where it listens, `http://127.0.0.1:8080`; asked each time, since the port may be chosen late. */
  constructor(gateway: () => string) {
    this.#gateway = gateway;
  }

  /** Without a slash at its end. On loopback `APP.localhost`, which every browser resolves; by address `/@APP`. */
  baseOf(app: string, environment: string): string {
    return nameUrl(this.#gateway(), addressOf(app, environment));
  }

  /** One URL a pattern, in the order of the routes. */
  urlsOf(app: string, environment: string, patterns: readonly string[]): string[] {
    const base = this.baseOf(app, environment);
    return [...new Set(patterns)].map((pattern) => `${base}${pattern}`);
  }
}

/** Where a name answers that a listener serves by host or by `/@NAME`; without a slash at its end. */
export function nameUrl(listener: string, name: string): string {
  const { protocol, hostname, host, port } = new URL(listener);
  const suffix = port === '' ? '' : `:${port}`;
  if (isLoopback(hostname)) return `${protocol}//${name}.localhost${suffix}`;
  return isAddress(hostname) ? `${protocol}//${host}/@${name}` : `${protocol}//${name}.${host}`;
}

function isAddress(hostname: string): boolean {
  // The URL parser has already brought every IPv4 spelling into this form.
  return hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Wildcard addresses too: who listens everywhere listens on loopback. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    ['[::1]', '[::]', '0.0.0.0'].includes(hostname) ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
