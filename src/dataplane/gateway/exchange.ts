import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HeadMessage } from '../../contract/guest-messages.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { Call, CallSink } from '../dispatch/call.ts';
import { sendError } from './error-response.ts';
import { responseHead } from './response-head.ts';

export interface ExchangeLimits {
  readonly bodyBytesMax: number;
  readonly responseBytesMax: number;
}

/** Up to this a body is joined with its head; beyond, copying it costs more than the second buffer. */
const JOINED_BYTES_MAX = 16 * 1024;

/**
 * One HTTP request and its response, joined to one call.
 *
 * Request bytes flow to the call as long as its window is open; response bytes are acknowledged to the guest when the
 * client has taken them. Whoever ends first ends it for the other: a client that leaves aborts the call, a call that
 * fails after its head was sent breaks the connection, so that no client takes a part for the whole.
 */
export class Exchange implements CallSink {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #requestId: string;
  readonly #extraHeaders: readonly string[];
  readonly #policed: boolean;
  readonly #limits: ExchangeLimits;
  #call: Call | null = null;
  #reading = false;
  #received = 0;
  #sent = 0;
  /** Body length that the head promised, or -1. */
  #promised = -1;
  /** Response bytes that the client has not taken yet. */
  #unacknowledged = 0;

  /** `policed`: the route has a CORS policy that speaks in `extraHeaders`. */
  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    requestId: string,
    extraHeaders: readonly string[],
    policed: boolean,
    limits: ExchangeLimits,
  ) {
    this.#req = req;
    this.#res = res;
    this.#requestId = requestId;
    this.#extraHeaders = extraHeaders;
    this.#policed = policed;
    this.#limits = limits;
    res.on('close', () => {
      if (!res.writableFinished) this.#call?.abort('CLIENT_CLOSED');
    });
  }

  /** Reads a body of `length` bytes (small) whole before any instance is occupied: a slow client holds none. */
  readWhole(length: number, then: (body: Buffer) => void): void {
    const parts: Buffer[] = [];
    let bytes = 0;
    this.#req.on('data', (part: Buffer) => {
      parts.push(part);
      bytes += part.length;
    });
    this.#req.on('end', () => {
      if (bytes === length) then(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    });
  }

  /** Joins the call whose sink this is; must follow at once after the call was made. */
  join(call: Call): void {
    this.#call = call;
    if (this.#res.destroyed) call.abort('CLIENT_CLOSED');
  }

  head(head: HeadMessage, body: Buffer | null, end: boolean): void {
    const length = body === null ? 0 : body.length;
    const bodyless = this.#req.method === 'HEAD';
    const { headers, contentLength } = responseHead(head, end ? length : -1, bodyless, this.#policed);
    if (contentLength > this.#limits.responseBytesMax) throw this.#tooLarge();
    headers.push('x-mayfly-request-id', this.#requestId, ...this.#extraHeaders);
    this.#res.writeHead(head.status, headers);
    if (!bodyless && head.status !== 204 && head.status !== 304) this.#promised = contentLength;
    if (end) {
      this.#sent = length;
      // As text, head and body leave in one piece, which saves a vectored write; latin1 keeps every byte as it is.
      if (body !== null && length <= JOINED_BYTES_MAX) this.#res.end(body.toString('latin1'), 'latin1');
      else this.#res.end(body ?? undefined);
    } else if (body !== null) {
      this.chunk(body, false);
    } else {
      this.#res.flushHeaders();
    }
  }

  chunk(body: Buffer, end: boolean): void {
    this.#sent += body.length;
    const short = end && this.#promised > this.#sent;
    if (this.#sent > this.#limits.responseBytesMax) throw this.#tooLarge();
    if (this.#promised >= 0 && (short || this.#sent > this.#promised)) {
      throw new MayflyError('RESPONSE_INVALID', 'The body is not as long as the content-length says.');
    }
    if (body.length > 0 && !this.#res.write(body)) {
      if (this.#unacknowledged === 0) this.#res.once('drain', () => this.#drained());
      this.#unacknowledged += body.length;
    } else {
      this.#call?.consumed(body.length);
    }
    if (end) this.#res.end();
  }

  writable(): void {
    if (this.#req.readableEnded) return;
    this.#read();
    this.#req.resume();
  }

  fail(error: MayflyError): void {
    if (this.#res.headersSent) {
      this.#res.destroy();
      return;
    }
    if (this.#res.destroyed) return;
    const headers = [...this.#extraHeaders];
    const retryAfterMs = error.details?.retryAfterMs;
    if (typeof retryAfterMs === 'number')
      headers.push('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
    if (error.code === 'BODY_TOO_LARGE') headers.push('connection', 'close');
    sendError(this.#res, error, this.#requestId, headers);
    this.#discardRest();
  }

  settled(): void {
    this.#call = null;
    this.#discardRest();
  }

  /**
   * The answer is given: what the client still sends of its request is read, up to the bound of a body, and thrown away.
   * A client that only sends would not read the answer, and the next request of its connection stands behind this one.
   */
  #discardRest(): void {
    if (this.#req.complete || this.#req.destroyed || this.#received > this.#limits.bodyBytesMax) return;
    this.#read();
    this.#req.resume();
  }

  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#req.on('data', (part: Buffer) => this.#requestPart(part));
    this.#req.on('end', () => this.#call?.write(Buffer.alloc(0), true));
  }

  #requestPart(part: Buffer): void {
    this.#received += part.length;
    if (this.#received > this.#limits.bodyBytesMax) {
      const limit = this.#limits.bodyBytesMax;
      this.#req.pause();
      const error = new MayflyError(
        'BODY_TOO_LARGE',
        `The request body is over the limit of ${limit} bytes.`,
      );
      if (this.#res.writableEnded) this.#req.destroy();
      else this.#call?.giveUp(error);
      return;
    }
    if (this.#call?.write(part, false) === false) this.#req.pause();
  }

  #drained(): void {
    const bytes = this.#unacknowledged;
    this.#unacknowledged = 0;
    this.#call?.consumed(bytes);
  }

  #tooLarge(): MayflyError {
    const limit = this.#limits.responseBytesMax;
    return new MayflyError('RESPONSE_TOO_LARGE', `The response is over the limit of ${limit} bytes.`);
  }
}
