import { subscribe } from 'node:diagnostics_channel';
import type { OwnAddress } from '../../src/contract/guest-messages.ts';
import { RELEASE_HEADER } from '../../src/contract/release-header.ts';
import type { Call } from './call.ts';

/** A request of `node:http` that has been made and not sent. */
interface HttpRequest {
  readonly host: string;
  readonly protocol: string;
  readonly path: string;
  readonly socketPath?: string;
  /** The head as text, when it was given as a list; else null until it is sent. */
  _header: string | null;
  readonly _headerSent: boolean;
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): void;
}

/** A request of undici, which `fetch` is made of, Node's own copy or another. */
interface UndiciRequest {
  readonly origin: string | URL | undefined;
  readonly path: string;
  /** Flat list, names as given; one text in old versions. */
  readonly headers: readonly unknown[] | string;
  addHeader(name: string, value: string): void;
}

const HEAD_END = '\r\n\r\n';

/**
 * Keeps a chain of calls in one release: what a call asks of its own app carries the call's pin and, unless the author set
 * one, its trace. Nothing goes to any other host: who has the pin is served by the release, whatever is active.
 *
 * Node's HTTP clients and every copy of undici tell of a request before they send it; a call that makes none pays nothing. A
 * request belongs to the call whose code makes it, also after its answer. Not told in time, and so not pinned, are
 * `node:http` with `Expect: 100-continue` (its head leaves at once) and `node:http2`.
 */
export class OwnCalls {
  readonly #current: () => Call | undefined;
  #own: OwnAddress | null = null;

  constructor(current: () => Call | undefined) {
    this.#current = current;
  }

  /** Once, before any of the author's code runs. */
  listen(): void {
    subscribe('http.client.request.created', (message) =>
      this.#quietly(() => this.#http((message as { request: HttpRequest }).request)),
    );
    subscribe('undici:request:create', (message) =>
      this.#quietly(() => this.#undici((message as { request: UndiciRequest }).request)),
    );
  }

  /** The process has become a function that is found here. */
  become(own: OwnAddress): void {
    this.#own = own;
  }

  /** A listener that throws would end the process. */
  #quietly(listener: () => void): void {
    try {
      listener();
    } catch {}
  }

  #http(request: HttpRequest): void {
    const call = this.#current();
    if (call === undefined || request.socketPath !== undefined) return;
    const head = request._header;
    const has = (name: string): string | undefined => {
      const given = request.getHeader(name);
      if (given !== undefined) return String(given);
      return head === null ? undefined : new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1];
    };
    // The port stands nowhere else. A Host that names another machine than the one that is asked is no address.
    const host = (has('host') ?? '').toLowerCase();
    if (host.replace(/:\d+$/, '') !== hostInUrl(request.host)) return;
    if (!this.#isOwn(`${request.protocol}//${host}`, request.path)) return;
    for (const [name, value] of fieldsOf(call)) {
      if (has(name) !== undefined) continue;
      if (head === null) request.setHeader(name, value);
      else if (!request._headerSent && request._header!.endsWith(HEAD_END))
        request._header = `${request._header!.slice(0, -2)}${name}: ${value}${HEAD_END}`;
    }
  }

  #undici(request: UndiciRequest): void {
    const call = this.#current();
    if (call === undefined || request.origin === undefined) return;
    const { headers } = request;
    const origin = typeof request.origin === 'string' ? request.origin : request.origin.origin;
    if (!this.#isOwn(origin, request.path)) return;
    const names = typeof headers === 'string' ? headers.split(/:.*\r\n/) : headers;
    for (const [name, value] of fieldsOf(call)) {
      const set = names.some((given) => typeof given === 'string' && given.toLowerCase() === name);
      if (!set) request.addHeader(name, value);
    }
  }

  #isOwn(origin: string, path: string): boolean {
    const own = this.#own;
    if (own === null) return false;
    const atHost = own.hosts.includes(origin);
    // Which app is meant says the path before the host.
    if (!path.startsWith('/@')) return atHost;
    return (atHost || own.gateways.includes(origin)) && path.slice(2).split(/[/?]/, 1)[0] === own.name;
  }
}

function fieldsOf({ message }: Call): [string, string][] {
  return [
    [RELEASE_HEADER, message.pin],
    ['traceparent', message.traceparent],
  ];
}

function hostInUrl(host: string): string {
  const lower = host.toLowerCase();
  return lower.includes(':') && !lower.startsWith('[') ? `[${lower}]` : lower;
}
