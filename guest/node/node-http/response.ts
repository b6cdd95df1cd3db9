import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Responder } from '../responder.ts';
import type { CallSocket } from './call-socket.ts';
import { nodeHttp } from './node-modules.ts';

export type ResponseClass<Response extends ServerResponse> = new (request: never) => Response;

/** The methods through which Node's response writes to its socket, and the fields that tell it how. */
interface Wire {
  _header: string;
  _headerSent: boolean;
  _closed: boolean;
  _send(data: string | Uint8Array, encoding?: unknown, written?: unknown): boolean;
  _writeRaw(data: unknown, encoding?: unknown, written?: unknown): boolean;
  _storeHeader(line: string, headers: unknown): void;
  chunkedEncoding: boolean;
  socket: unknown;
  [needDrain: symbol]: unknown;
}

type Written = ((error?: Error | null) => void) | undefined;

/** Headers about the connection, which is not this response's. */
const OF_THE_CONNECTION = /^(?:connection|keep-alive|transfer-encoding)$/i;

let storeHeader: Wire['_storeHeader'] | null = null;
let needDrain: symbol | null = null;

/**
 * Node's own response, writing to `respond` instead of a socket: status and headers as Node puts them together, parts at
 * the client's pace. `finished` is called once, when all was given to `respond` or with what went wrong.
 * What differs from Node's stands on the object itself: frameworks change the prototype of responses.
 */
export function openResponse<Response extends ServerResponse>(
  Class: ResponseClass<Response>,
  request: IncomingMessage,
  respond: Responder,
  socket: CallSocket,
  finished: (error: unknown) => void,
): Response {
  const response = new Class(request as never);
  const wire = response as unknown as Wire;
  let open = true;

  const close = (error: unknown): void => {
    if (!open) return;
    open = false;
    process.nextTick(emitClose, response);
    finished(error);
  };
  const write = (data: string | Uint8Array, encoding: unknown): Promise<void> | undefined => {
    if (!wire._headerSent) {
      wire._headerSent = true;
      const { status, headers } = readHead(wire._header, response.statusCode);
      respond.head(status, headers);
    }
    if (data.length === 0) return undefined;
    return respond.chunk(typeof data === 'string' ? Buffer.from(data, encoding as BufferEncoding) : data);
  };

  response.sendDate = false;
  wire.socket = socket;
  wire._storeHeader = storeUnframed;
  wire._writeRaw = (_data, _encoding, written) => {
    // Interim responses, 100 and 103: nobody waits for them.
    if (typeof written === 'function') process.nextTick(written as () => void);
    return true;
  };
  wire._send = (data, encoding, written) => {
    if (!open) return false;
    let full: Promise<void> | undefined;
    try {
      full = write(data, encoding);
    } catch (thrown) {
      // Not to the writer: it may stand in a callback, where throwing would end the instance.
      close(thrown);
      return false;
    }
    if (full === undefined) {
      if (typeof written === 'function') process.nextTick(written as () => void);
      return true;
    }
    void drained(full, response, written as Written);
    return false;
  };
  response.once('finish', () => {
    if (!open) return;
    try {
      // A response that ended without a word, after a head that was sent.
      if (!respond.begun) write('', null);
      respond.end();
      close(null);
    } catch (thrown) {
      close(thrown);
    }
  });
  socket.once('close', () => close(new ConnectionDropped()));
  return response;
}

/** The response was destroyed before it was complete: the client has gone, or the code dropped it. */
class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';

  constructor() {
    super('The code dropped the connection before its response was complete.');
  }
}

async function drained(full: Promise<void>, response: ServerResponse, written: Written): Promise<void> {
  await full;
  const wire = response as unknown as Wire;
  needDrain ??= symbolOf(response, 'kNeedDrain');
  if (needDrain !== null) wire[needDrain] = false;
  written?.();
  if (!response.writableEnded && !response.destroyed) response.emit('drain');
}

function symbolOf(object: object, description: string): symbol | null {
  const symbols = Object.getOwnPropertySymbols(object);
  for (let at = 0; at < symbols.length; at += 1) {
    if (symbols[at]!.description === description) return symbols[at]!;
  }
  return null;
}

/** The platform frames bodies; a response that was told to be chunked would frame its own. */
function storeUnframed(this: Wire, line: string, headers: unknown): void {
  storeHeader ??= (nodeHttp().ServerResponse.prototype as unknown as Wire)._storeHeader;
  Reflect.apply(storeHeader, this, [line, headers]);
  this.chunkedEncoding = false;
}

function emitClose(response: ServerResponse): void {
  response.destroyed = true;
  (response as unknown as Wire)._closed = true;
  response.emit('close');
}

/** From Node's text of a head, which has every check and every way of setting a header behind it. */
function readHead(text: string, status: number): { status: number; headers: string[] } {
  const headers: string[] = [];
  let at = text.indexOf('\r\n') + 2;
  for (let end = text.indexOf('\r\n', at); end > at; end = text.indexOf('\r\n', at)) {
    const colon = text.indexOf(':', at);
    const name = text.slice(at, colon);
    if (!OF_THE_CONNECTION.test(name)) {
      headers[headers.length] = name;
      headers[headers.length] = text.slice(colon + 2, end);
    }
    at = end + 2;
  }
  return { status, headers };
}
