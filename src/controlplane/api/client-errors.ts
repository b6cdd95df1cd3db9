import type { Duplex } from 'node:stream';
import { MayflyError } from '../../domain/errors.ts';
import { randomHex } from '../../kit/ids.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';

const REQUEST_ID_BYTES = 16;

/** Answers what Node could not read as HTTP, and closes the connection. */
export function refuseMalformed(thrown: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || thrown.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const error = errorOf(thrown.code);
  const body = JSON.stringify(problemOf(error, randomHex(REQUEST_ID_BYTES)));
  socket.end(
    `HTTP/1.1 ${error.status} ${error.code}\r\nconnection: close\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function errorOf(code: string | undefined): MayflyError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new MayflyError('HEADERS_TOO_LARGE', 'The header fields are too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new MayflyError('REQUEST_TIMEOUT', 'The request took too long to come.');
  return new MayflyError('BAD_REQUEST', 'The request is not HTTP as RFC 9112 has it.');
}
