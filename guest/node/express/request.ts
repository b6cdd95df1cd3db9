import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { nodeHttp } from '../node-http/node-modules.ts';
import {
  bestOffer,
  fitsLanguage,
  fitsName,
  fitsType,
  matchType,
  wishedFor,
  withIdentity,
} from './negotiation.ts';
import { readRange } from './range.ts';

/** What Express adds to Node's request, as its documentation describes it; behind a proxy that is trusted. */
export interface ExpressRequest extends IncomingMessage {
  body: unknown;
  rawBody?: Buffer | undefined;
  params: Readonly<Record<string, string>>;
  originalUrl: string;
  baseUrl: string;
  next: (error?: unknown) => void;
  readonly query: unknown;
  readonly fresh: boolean;
  get(name: string): string | undefined;
  accepts(...types: (string | readonly string[])[]): string | string[] | false;
}

type Names = readonly (string | readonly string[])[];

/** Makes the class, once: it extends one of Node's that is loaded late. */
export function defineRequest() {
  return class Request extends nodeHttp().IncomingMessage {
    body: unknown = undefined;
    params: Readonly<Record<string, string>> = {};
    originalUrl = '';
    baseUrl = '';
    next: (error?: unknown) => void = () => undefined;
    #query: unknown = null;
    #queryOf: string | null = null;

    get(name: string): string | undefined {
      if (typeof name !== 'string') throw new TypeError('The name of a header is a string.');
      const lower = name.toLowerCase();
      const { headers } = this;
      const value =
        lower === 'referer' || lower === 'referrer' ? (headers.referrer ?? headers.referer) : headers[lower];
      return value as string | undefined;
    }

    header(name: string): string | undefined {
      return this.get(name);
    }

    get query(): unknown {
      const { url = '' } = this;
      if (this.#queryOf !== url) {
        const mark = url.indexOf('?');
        this.#query = mark < 0 ? {} : parse(url.slice(mark + 1));
        this.#queryOf = url;
      }
      return this.#query;
    }

    set query(value: unknown) {
      Object.defineProperty(this, 'query', { configurable: true, enumerable: true, writable: true, value });
    }

    get path(): string {
      const { url = '' } = this;
      const mark = url.indexOf('?');
      return mark < 0 ? url : url.slice(0, mark);
    }

    get protocol(): string {
      const secure = (this.socket as { encrypted?: boolean }).encrypted === true;
      return first(this.get('x-forwarded-proto')) ?? (secure ? 'https' : 'http');
    }

    get secure(): boolean {
      return this.protocol === 'https';
    }

    get ip(): string | undefined {
      return this.ips[0] ?? this.socket.remoteAddress;
    }

    get ips(): string[] {
      return (this.get('x-forwarded-for') ?? '')
        .split(',')
        .map((address) => address.trim())
        .filter((address) => address !== '');
    }

    get host(): string | undefined {
      return first(this.get('x-forwarded-host')) ?? this.get('host');
    }

    get hostname(): string | undefined {
      return this.host?.replace(/:\d+$/, '');
    }

    get subdomains(): string[] {
      const { hostname } = this;
      if (hostname === undefined || /^[\d.]+$|:/.test(hostname)) return [];
      return hostname.split('.').reverse().slice(2);
    }

    get xhr(): boolean {
      return this.get('x-requested-with')?.toLowerCase() === 'xmlhttprequest';
    }

    get fresh(): boolean {
      const { res } = this as unknown as { res: { statusCode: number; getHeader(name: string): unknown } };
      const asks = this.method === 'GET' || this.method === 'HEAD';
      const answers = (res.statusCode >= 200 && res.statusCode < 300) || res.statusCode === 304;
      return asks && answers && isFresh(this.headers, res.getHeader('etag'), res.getHeader('last-modified'));
    }

    get stale(): boolean {
      return !this.fresh;
    }

    is(...types: Names): string | false | null {
      const { headers } = this;
      const hasBody = headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
      return hasBody ? matchType(headers['content-type'] ?? '', types.flat()) : null;
    }

    range(size: number, options?: { readonly combine?: boolean }): ReturnType<typeof readRange> | undefined {
      const { range } = this.headers;
      return range === undefined ? undefined : readRange(range, size, options?.combine === true);
    }

    accepts(...types: Names): string | string[] | false {
      const offers = types.flat();
      const { accept } = this.headers;
      // Who says nothing takes what is offered first.
      return !accept && offers.length > 0 ? offers[0]! : choose(accept, offers, '*/*', fitsType);
    }

    acceptsEncodings(...names: Names): string | string[] | false {
      const header = this.headers['accept-encoding'];
      return choose(withIdentity(typeof header === 'string' ? header : ''), names.flat(), '*', fitsName);
    }

    acceptsCharsets(...names: Names): string | string[] | false {
      return choose(this.headers['accept-charset'] as string | undefined, names.flat(), '*', fitsName);
    }

    acceptsLanguages(...names: Names): string | string[] | false {
      return choose(this.headers['accept-language'], names.flat(), '*', fitsLanguage);
    }
  };
}

function choose(
  header: string | undefined,
  offers: readonly string[],
  anything: string,
  fit: Parameters<typeof bestOffer>[2],
): string | string[] | false {
  if (offers.length === 0) return wishedFor(header ?? anything);
  return bestOffer(header ?? anything, offers, fit) ?? false;
}

function first(list: string | undefined): string | undefined {
  return list?.split(',')[0]?.trim();
}

/** Whether what the client has is still what it would get (RFC 9110, section 13.1). */
function isFresh(headers: IncomingMessage['headers'], etag: unknown, modified: unknown): boolean {
  const { 'if-none-match': tags, 'if-modified-since': since } = headers;
  if (tags === undefined && since === undefined) return false;
  if (/(?:^|,)\s*no-cache\s*(?:,|$)/.test(headers['cache-control'] ?? '')) return false;
  if (tags !== undefined) {
    if (tags.trim() === '*') return true;
    const own = weak(String(etag ?? ''));
    return own !== '' && tags.split(',').some((tag) => weak(tag.trim()) === own);
  }
  const changed = globalThis.Date.parse(String(modified ?? ''));
  return changed <= globalThis.Date.parse(since!);
}

function weak(tag: string): string {
  return tag.replace(/^W\//, '');
}
