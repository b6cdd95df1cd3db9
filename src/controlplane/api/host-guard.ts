import { MayflyError } from '../../domain/errors.ts';

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const LOOPBACK_V4 = /^127(\.\d{1,3}){3}$/;

/**
 * Refuses requests that a foreign web page made a browser send: DNS rebinding shows in `Host`, a cross-site call in
 * `Origin`. A host is right when it is a loopback name or one of the configured. Where the node listens on every
 * address, any address is right too: rebinding needs a name.
 */
export class HostGuard {
  readonly #names: ReadonlySet<string>;
  readonly #anyAddress: boolean;

  /** `hosts`: what the listener was given (`127.0.0.1`, `0.0.0.0`) and further names it is known by. */
  constructor(hosts: readonly string[]) {
    this.#names = new Set(hosts.map((host) => unbracketed(host.toLowerCase())));
    this.#anyAddress = this.#names.has('0.0.0.0') || this.#names.has('::');
  }

  /** @throws MayflyError HOST_REFUSED, ORIGIN_REFUSED */
  check(host: string | undefined, origin: string | undefined): void {
    if (host === undefined || !this.#serves(nameOf(host))) {
      throw new MayflyError('HOST_REFUSED', `The control API does not answer for the host "${host ?? ''}".`);
    }
    if (origin !== undefined && !sameOrigin(origin, host)) {
      throw new MayflyError('ORIGIN_REFUSED', `The control API does not answer pages of "${origin}".`);
    }
  }

  #serves(name: string): boolean {
    if (name === 'localhost' || name.endsWith('.localhost') || name === '::1' || LOOPBACK_V4.test(name))
      return true;
    return this.#names.has(name) || (this.#anyAddress && (IPV4.test(name) || name.includes(':')));
  }
}

/** `Name:8090` → `name`, `[::1]:8090` → `::1`. */
function nameOf(host: string): string {
  const port = /:\d*$/.exec(host);
  const inBrackets = host.startsWith('[');
  const name = port === null || (inBrackets && host.endsWith(']')) ? host : host.slice(0, port.index);
  return unbracketed(name.toLowerCase());
}

function unbracketed(name: string): string {
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}

function sameOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}
