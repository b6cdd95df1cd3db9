import type { IncomingMessage } from 'node:http';
import { RELEASE_HEADER } from '../../contract/release-header.ts';
import { MayflyError } from '../../domain/errors.ts';
import { withoutCanaryCookie } from './canary-cookie.ts';

/** Where a request wants to go, whatever form its target has (RFC 9112 §3.2). */
export interface RequestTarget {
  /** A valid host, with its port when one was given. */
  readonly host: string;
  /** Path and query, beginning with `/`; or `*`, which means the server itself and comes with OPTIONS only. */
  readonly path: string;
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;
/** These end a host within a URL, or are no part of one: `http://HOST/` would not mean this host. */
const NOT_IN_HOST = /[^\x21-\x7e]|[/?#@\\]/;

/** Fields that belong to one connection (RFC 9110 §7.6.1) or to the gateway, and are none of the function's business. */
const NOT_THE_FUNCTIONS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  RELEASE_HEADER,
]);

/** @throws MayflyError BAD_REQUEST */
export function targetOf(req: IncomingMessage): RequestTarget {
  const url = req.url!;
  if (url.startsWith('/')) return { host: hostOf(req, req.headers.host), path: url };
  if (url === '*' && req.method === 'OPTIONS') return { host: hostOf(req, req.headers.host), path: url };
  const [, authority, rest] = ABSOLUTE.exec(url) ?? [];
  if (authority === undefined || authority === '') {
    throw new MayflyError('BAD_REQUEST', 'The request target is neither a path nor an http URL.');
  }
  // The target says which host is meant, whatever the field says (RFC 9112 §3.2.2).
  return { host: hostOf(req, authority), path: rest!.startsWith('/') ? rest! : `/${rest}` };
}

function hostOf(req: IncomingMessage, given: string | undefined): string {
  // HTTP/1.0 knows no Host, and HTTP/1.1 an empty one.
  if (given === undefined || given === '') return `localhost:${req.socket.localPort}`;
  if (NOT_IN_HOST.test(given) || !URL.canParse(`http://${given}/`)) {
    throw new MayflyError('BAD_REQUEST', 'The Host is no valid host name.');
  }
  return given;
}

/** Bytes of the request body: 0 for none, -1 when only its end will tell (chunked). */
export function bodyLength(req: IncomingMessage): number {
  const given = req.headers['content-length'];
  if (given !== undefined) return Number(given);
  return req.headers['transfer-encoding'] === undefined ? 0 : -1;
}

/**
 * The fields that the function sees, flat, names as received: without those of the connection and of the gateway, and
 * with the trace as it goes on from here.
 */
export function functionHeaders(req: IncomingMessage, traceparent: string): string[] {
  const { rawHeaders } = req;
  const listed = listedIn(req.headers.connection);
  const headers: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const key = rawHeaders[i]!.toLowerCase();
    if (NOT_THE_FUNCTIONS.has(key) || key === 'traceparent' || listed?.includes(key)) continue;
    const value = key === 'cookie' ? withoutCanaryCookie(rawHeaders[i + 1]!) : rawHeaders[i + 1]!;
    if (value !== '' || key !== 'cookie') headers.push(rawHeaders[i]!, value);
  }
  headers.push('traceparent', traceparent);
  return headers;
}

/** Names that a Connection field declares to be of this connection only; null for none, as nearly always. */
export function listedIn(connection: string | undefined): string[] | null {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return null;
  return connection.split(',').map((name) => name.trim().toLowerCase());
}

/** A `..` segment has no business in a request target: clients resolve them before sending (RFC 3986 §5.2.4). */
export function refuseTraversal(path: string): void {
  if (!path.includes('..') && !path.includes('%2')) return;
  // The URL that the function sees takes a backslash for a slash (WHATWG URL).
  for (const segment of path.split(/[/\\]/)) {
    if (segment.replace(/%2e/gi, '.') === '..') {
      throw new MayflyError('BAD_REQUEST', 'The path has a ".." segment.');
    }
  }
}
