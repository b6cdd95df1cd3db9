import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { MayflyError } from '../../domain/errors.ts';
import { ALL_METHODS } from './app-router.ts';
import { errorBody } from './error-response.ts';

/** A client that was refused may read why for so long before the connection is cut, ms. */
const REFUSED_LINGER_MS = 1_000;

/** Bytes that are no acceptable HTTP request: one answer, then the connection is closed. */
export function refuseMalformed(cause: NodeJS.ErrnoException, socket: Socket): void {
  if (cause.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  refuse(socket, malformedError(cause), '');
}

/** CONNECT asks for a tunnel, which nobody here offers; the connection is no longer one of HTTP then. */
export function refuseTunnel(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  const error = new MayflyError('METHOD_NOT_ALLOWED', 'CONNECT is not allowed here.');
  refuse(socket, error, `allow: ${ALL_METHODS}\r\n`);
}

function refuse(socket: Socket, error: MayflyError, fields: string): void {
  const requestId = randomUUID();
  const body = errorBody(error, requestId);
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-mayfly-request-id: ${requestId}\r\n` +
      `x-mayfly-error: ${error.code}\r\n${fields}connection: close\r\n\r\n${body}`,
  );
  setTimeout(() => socket.destroy(), REFUSED_LINGER_MS).unref();
}

function malformedError(cause: NodeJS.ErrnoException): MayflyError {
  if (cause.code === 'HPE_HEADER_OVERFLOW')
    return new MayflyError('HEADERS_TOO_LARGE', 'The header fields are too large.');
  if (cause.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new MayflyError('REQUEST_TIMEOUT', 'The request did not arrive in time.');
  }
  return new MayflyError('BAD_REQUEST', 'This is no valid HTTP request.');
}
