import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { MayflyError } from '../../domain/errors.ts';
import type { AppSnapshot } from '../../domain/snapshot.ts';
import { closePatiently } from '../../kit/patient-close.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { LiveApps } from '../dispatch/live-apps.ts';
import { addressOf } from './address.ts';
import { AppRouter, METHODS, type RouteMatch } from './app-router.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import { errorBody, sendError } from './error-response.ts';
import { Exchange } from './exchange.ts';
import { bodyLength, functionHeaders, refuseTraversal, targetOf } from './request-head.ts';
import { continueTrace } from './trace-context.ts';

export interface GatewayLimits {
  /** Request line and headers together. */
  readonly headerBytesMax: number;
  readonly bodyBytesMax: number;
  readonly responseBytesMax: number;
  readonly connectionsMax: number;
  /** A client must have sent its headers, its whole request, within these. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** A client that takes no byte of its response for this long is cut off. */
  readonly stalledClientMs: number;
}

export interface GatewayOptions {
  readonly limits: GatewayLimits;
  /** Suffixes under which apps answer: `localhost`, `apps.example.org`. */
  readonly domains: readonly string[];
}

/** A body up to this is read before an instance is occupied, and travels in the call's first frame. */
const INLINE_BODY_BYTES_MAX = 64 * 1024;
/** Slow clients are looked for so often, ms; Node's own default is 30 seconds. */
const SLOW_CLIENT_CHECK_MS = 1_000;
const NO_HEADERS: readonly string[] = [];
const ALL_METHODS = METHODS.join(', ');
/** A client that was refused may read why for so long before the connection is cut, ms. */
const REFUSED_LINGER_MS = 1_000;

/**
 * The HTTP front door of functions. One call, top to bottom: `#serve` finds the app and the route, `#admit` checks the
 * body and makes the call, the dispatcher runs it, and `Exchange` writes the answer.
 */
export class Gateway {
  readonly #live: LiveApps;
  readonly #dispatcher: Dispatcher;
  readonly #options: GatewayOptions;
  readonly #routers = new WeakMap<AppSnapshot, AppRouter>();
  readonly #server: Server;
  #draining = false;

  constructor(live: LiveApps, dispatcher: Dispatcher, options: GatewayOptions) {
    this.#live = live;
    this.#dispatcher = dispatcher;
    this.#options = options;
    const { limits } = options;
    this.#server = createServer({
      maxHeaderSize: limits.headerBytesMax,
      // A part of the whole request; the server refuses to be told otherwise.
      headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs || Number.POSITIVE_INFINITY),
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: SLOW_CLIENT_CHECK_MS,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      noDelay: true,
      optimizeEmptyRequests: true,
    });
    this.#server.maxConnections = limits.connectionsMax;
    this.#server.on('request', (req, res) => this.#serve(req, res, false));
    this.#server.on('checkContinue', (req, res) => this.#serve(req, res, true));
    this.#server.on('clientError', refuseMalformed);
    this.#server.on('connect', (_req, socket: Socket) => refuseTunnel(socket));
    this.#server.timeout = limits.stalledClientMs;
    this.#server.on('timeout', (socket: Socket) => {
      // Silence alone is no fault: a function may think for long. A full send buffer is.
      if (socket.writableLength > 0) socket.destroy();
    });
  }

  /** Resolves with the port in use. @throws MayflyError PORT_TAKEN */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const taken = cause.code === 'EADDRINUSE';
        const message = taken
          ? `Port ${port} on ${host} is taken.`
          : `Cannot listen on ${host}:${port}: ${cause.message}`;
        reject(new MayflyError('PORT_TAKEN', message, { cause }));
      });
      this.#server.listen(port, host, 4096, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Stops accepting at once, lets running exchanges finish for `graceMs`, then cuts what is left. */
  async close(graceMs: number): Promise<void> {
    this.#draining = true;
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await closePatiently(this.#server, closed, graceMs);
  }

  #serve(req: IncomingMessage, res: ServerResponse, expectsContinue: boolean): void {
    const requestId = randomUUID();
    try {
      if (this.#draining) res.shouldKeepAlive = false;
      this.#route(req, res, requestId, expectsContinue);
    } catch (thrown) {
      const error = thrown instanceof MayflyError ? thrown : new MayflyError('INTERNAL', String(thrown));
      if (res.headersSent) {
        res.destroy();
        return;
      }
      const headers = error.status === 413 ? ['connection', 'close'] : NO_HEADERS;
      sendError(res, error, requestId, headers);
    }
  }

  #route(req: IncomingMessage, res: ServerResponse, requestId: string, expectsContinue: boolean): void {
    const { host, path: target } = targetOf(req);
    if (target === '*') {
      answerPreflight(res, requestId, ['allow', ALL_METHODS]);
      return;
    }
    const address = addressOf(host, target, this.#options.domains);
    const snapshot = address === null ? undefined : this.#live.find(address.name);
    if (address === null || snapshot === undefined) {
      const what =
        address === null ? `No app answers at the host "${host}"` : `There is no app "${address.name}"`;
      throw new MayflyError('APP_NOT_FOUND', `${what}.`);
    }
    const query = address.path.indexOf('?');
    const path = query === -1 ? address.path : address.path.slice(0, query);
    refuseTraversal(path);
    const match = this.#routerOf(snapshot).match(req.method!, path);
    if (match.kind === 'found') {
      const { cors } = match.target;
      if (cors !== null && isPreflight(req)) answerPreflight(res, requestId, preflightHeaders(cors, req));
      else this.#admit(req, res, requestId, expectsContinue, host, address.path, snapshot, match);
    } else if (match.kind === 'method' && match.cors !== null && isPreflight(req)) {
      answerPreflight(res, requestId, preflightHeaders(match.cors, req));
    } else if (match.kind === 'method') {
      answerOtherMethod(req, res, requestId, match.allow);
    } else {
      throw new MayflyError('ROUTE_NOT_FOUND', `"${snapshot.app}" has no route for ${path}.`);
    }
  }

  #admit(
    req: IncomingMessage,
    res: ServerResponse,
    requestId: string,
    expectsContinue: boolean,
    host: string,
    path: string,
    snapshot: AppSnapshot,
    match: Extract<RouteMatch, { kind: 'found' }>,
  ): void {
    const { limits } = this.#options;
    const length = bodyLength(req);
    if (length > limits.bodyBytesMax) {
      throw new MayflyError(
        'BODY_TOO_LARGE',
        `The request body is over the limit of ${limits.bodyBytesMax} bytes.`,
      );
    }
    if (expectsContinue) res.writeContinue();
    const { target, params } = match;
    const extra = target.cors === null ? NO_HEADERS : corsHeaders(target.cors, req.headers.origin);
    const exchange = new Exchange(req, res, requestId, extra, limits);
    const traceparent = continueTrace(req.headers.traceparent as string | undefined);
    const message = {
      id: requestId,
      release: snapshot.release,
      traceparent,
      http: {
        method: req.method!,
        url: `http://${host}${path}`,
        headers: functionHeaders(req, traceparent),
        remoteAddress: req.socket.remoteAddress ?? '',
        route: target.pattern,
        params,
      },
    };
    const submit = (body: Buffer | null, ended: boolean): void => {
      const call = this.#dispatcher.make(
        target.version,
        snapshot.release,
        'http',
        message,
        body,
        ended,
        exchange,
      );
      exchange.join(call);
      this.#dispatcher.submit(call);
    };
    if (length === 0) submit(null, true);
    else if (length > 0 && length <= INLINE_BODY_BYTES_MAX)
      exchange.readWhole(length, (body) => submit(body, true));
    else submit(null, false);
  }

  #routerOf(snapshot: AppSnapshot): AppRouter {
    let router = this.#routers.get(snapshot);
    if (router === undefined) {
      router = new AppRouter(snapshot);
      this.#routers.set(snapshot, router);
    }
    return router;
  }
}

function answerPreflight(res: ServerResponse, requestId: string, headers: readonly string[]): void {
  res.writeHead(204, [...headers, 'x-mayfly-request-id', requestId]);
  res.end();
}

function answerOtherMethod(
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
  allow: readonly string[],
): void {
  const field = [...allow, ...(allow.includes('OPTIONS') ? [] : ['OPTIONS'])].join(', ');
  if (req.method === 'OPTIONS') {
    answerPreflight(res, requestId, ['allow', field]);
    return;
  }
  const error = new MayflyError('METHOD_NOT_ALLOWED', `${req.method} is not allowed here.`);
  sendError(res, error, requestId, ['allow', field]);
}

/** Bytes that are no acceptable HTTP request: one answer, then the connection is closed. */
function refuseMalformed(cause: NodeJS.ErrnoException, socket: Socket): void {
  if (cause.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  refuse(socket, malformedError(cause), '');
}

/** CONNECT asks for a tunnel, which nobody here offers; the connection is no longer one of HTTP then. */
function refuseTunnel(socket: Socket): void {
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
