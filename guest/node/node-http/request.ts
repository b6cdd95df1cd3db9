import type { IncomingMessage } from 'node:http';
import type { HttpCall } from '../../../src/contract/guest-messages.ts';
import type { Call } from '../call.ts';
import type { CallSocket } from './call-socket.ts';

export type RequestClass<Request extends IncomingMessage> = new (socket: never) => Request;

/** What Node's parser knows of a message and Node's types leave out. */
interface Parsed {
  _readableState: { readingMore: boolean };
  _addHeaderLines(headers: readonly string[], count: number): void;
}

/**
 * The call as Node's own server would hand it over. Its body comes at the reader's pace; `whole` is a body that was read
 * already. What differs from Node's stands on the object itself: frameworks change the prototype of requests.
 */
export function openRequest<Request extends IncomingMessage>(
  Class: RequestClass<Request>,
  { method, url, headers }: HttpCall,
  call: Call,
  socket: CallSocket,
  whole: Buffer | null,
): Request {
  const request = new Class(socket as never);
  const parsed = request as unknown as Parsed;
  request.httpVersion = '1.1';
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  request.method = method;
  request.url = targetOf(url);
  parsed._addHeaderLines(headers, headers.length);
  request._read =
    whole === null
      ? () => void pull(request, call)
      : () => {
          parsed._readableState.readingMore = false;
          if (whole.length > 0) request.push(whole);
          request.complete = true;
          request.push(null);
        };
  return request;
}

/** Path and query as the client sent them. */
function targetOf(url: string): string {
  const path = url.indexOf('/', url.indexOf('://') + 3);
  return path < 0 ? '/' : url.slice(path);
}

async function pull(request: IncomingMessage, call: Call): Promise<void> {
  (request as unknown as Parsed)._readableState.readingMore = false;
  try {
    const part = await call.body.read();
    if (part === null) request.complete = true;
    request.push(part);
  } catch (thrown) {
    request.destroy(thrown as Error);
  }
}
