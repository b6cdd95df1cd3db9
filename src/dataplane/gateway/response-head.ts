import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { HeadMessage } from '../../contract/guest-messages.ts';
import { RELEASE_HEADER } from '../../contract/release-header.ts';
import { MayflyError } from '../../domain/errors.ts';
import { listedIn } from './request-head.ts';

/** Fields that belong to one connection and are the gateway's own (RFC 9110 §7.6.1), and what only it may say. */
const GATEWAYS_OWN: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'x-mayfly-request-id',
  'x-mayfly-error',
  RELEASE_HEADER,
]);
const CORS_PREFIX = 'access-control-';
const HEADER_FIELDS_MAX = 1_000;

export interface ResponseHead {
  /** Flat list, ready for `writeHead`. */
  readonly headers: string[];
  /** Body length that the function promised, or -1. */
  readonly contentLength: number;
}

/**
 * A function's head → what the gateway sends. `wholeBytes` is the length of a body that is already complete, or -1: the
 * true length then replaces the promised one, except for an answer without body to HEAD. `policed`: the route has a CORS
 * policy, and the gateway alone says what it says: a second field of the function would spoil or undo it.
 * @throws MayflyError RESPONSE_INVALID
 */
export function responseHead(
  head: HeadMessage,
  wholeBytes: number,
  bodyless: boolean,
  policed: boolean,
): ResponseHead {
  const given = head.headers;
  if (given.length % 2 !== 0 || given.length > 2 * HEADER_FIELDS_MAX) {
    throw new MayflyError(
      'RESPONSE_INVALID',
      'The function answered with a malformed or too long list of headers.',
    );
  }
  let headers: string[] = [];
  let contentLength = -1;
  let listed: string[] | null = null;
  for (let i = 0; i < given.length; i += 2) {
    const name = given[i]!;
    const value = given[i + 1]!;
    if (typeof name !== 'string' || typeof value !== 'string') {
      throw new MayflyError('RESPONSE_INVALID', 'The function answered with a header that is no text.');
    }
    checkField(name, value);
    const key = name.toLowerCase();
    if (key === 'connection') listed = [...(listed ?? []), ...(listedIn(value) ?? [])];
    if (GATEWAYS_OWN.has(key) || (policed && key.startsWith(CORS_PREFIX))) continue;
    if (key === 'content-length') {
      contentLength = parseLength(value);
      continue;
    }
    headers.push(name, value);
  }
  if (listed !== null) headers = without(headers, listed);
  if (wholeBytes >= 0 && !(bodyless && contentLength >= 0)) contentLength = wholeBytes;
  const { status } = head;
  if (contentLength >= 0 && status !== 204 && status !== 304)
    headers.push('content-length', String(contentLength));
  return { headers, contentLength };
}

/** Before `writeHead` does: when that one throws it has begun to change the answer. */
function checkField(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (cause) {
    throw new MayflyError('RESPONSE_INVALID', `The function answered with a bad header: ${String(cause)}`, {
      cause,
    });
  }
}

/** The fields but those that the function's Connection field declared to be of its connection. */
function without(headers: readonly string[], listed: readonly string[]): string[] {
  return headers.filter((_, i) => !listed.includes(headers[i - (i % 2)]!.toLowerCase()));
}

function parseLength(value: string): number {
  if (!/^\d{1,15}$/.test(value)) {
    throw new MayflyError(
      'RESPONSE_INVALID',
      'The function answered with a content-length that is no number.',
    );
  }
  return Number(value);
}
