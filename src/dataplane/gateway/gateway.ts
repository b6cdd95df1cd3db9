import { randomInt, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { RELEASE_HEADER } from '../../contract/release-header.ts';
import { MayflyError } from '../../domain/errors.ts';
import { type AppSnapshot, WEIGHT_MAX } from '../../domain/snapshot.ts';
import { closePatiently } from '../../kit/patient-close.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { LiveApps } from '../dispatch/live-apps.ts';
import type { LiveRelease } from '../dispatch/live-release.ts';
import { addressOf } from './address.ts';
import { ALL_METHODS, AppRouter, type RouteMatch } from './app-router.ts';
import { canaryCookie } from './canary-cookie.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import { sendError } from './error-response.ts';
import { Exchange } from './exchange.ts';
import { refuseMalformed, refuseTunnel } from './refusals.ts';
import { chooseRelease } from './release-choice.ts';
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

/** A request that has found its release. */
interface Arrival {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly requestId: string;
  readonly expectsContinue: boolean;
  readonly host: string;
  /** Path and query as the app sees them. */
  readonly target: string;
  readonly release: LiveRelease;
  /** Header fields of whatever is answered, flat. */
  readonly fields: readonly string[];
}

/**
 * The HTTP front door of functions. One call, top to bottom: `#route` finds the app and its release, `#enter` the route, `#admit`
 * checks the body and makes the call, the dispatcher runs it, and `Exchange` writes the answer.
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
      answerFailure(res, thrown, requestId, NO_HEADERS);
    }
  }

  /** Finds the app, and the release that serves this client. */
  #route(req: IncomingMessage, res: ServerResponse, requestId: string, expectsContinue: boolean): void {
    const { host, path: target } = targetOf(req);
    if (target === '*') {
      answerPreflight(res, requestId, ['allow', ALL_METHODS]);
      return;
    }
    const address = addressOf(host, target, this.#options.domains);
    const environment = address === null ? undefined : this.#live.find(address.name);
    let release = environment?.stable ?? null;
    let cookie: string | null = null;
    if (
      environment !== undefined &&
      (environment.canary !== null || req.headers[RELEASE_HEADER] !== undefined)
    ) {
      const remoteAddress = req.socket.remoteAddress ?? '';
      const choice = chooseRelease(environment, { headers: req.headers, remoteAddress, draw: drawBucket });
      release = choice.release;
      if (choice.drawn !== null) {
        const path = target.startsWith('/@') ? `/@${address!.name}` : '/';
        cookie = canaryCookie(environment.canary!.id, choice.drawn, path);
      }
    }
    if (address === null || release === null) {
      const what =
        address === null ? `No app answers at the host "${host}"` : `There is no app "${address.name}"`;
      throw new MayflyError('APP_NOT_FOUND', `${what}.`);
    }
    const router = this.#routerOf(release.snapshot);
    const fields = cookie === null ? router.fields : [...router.fields, 'set-cookie', cookie];
    try {
      this.#enter(
        { req, res, requestId, expectsContinue, host, target: address.path, release, fields },
        router,
      );
    } catch (thrown) {
      answerFailure(res, thrown, requestId, fields);
    }
  }

  /** Finds the route. */
  #enter(arrival: Arrival, router: AppRouter): void {
    const { req, res, requestId, target, release, fields } = arrival;
    const query = target.indexOf('?');
    const path = query === -1 ? target : target.slice(0, query);
    refuseTraversal(path);
    const match = router.match(req.method!, path);
    const cors = match.kind === 'found' ? match.target.cors : match.kind === 'method' ? match.cors : null;
    if (cors !== null && isPreflight(req)) {
      answerPreflight(res, requestId, [...preflightHeaders(cors, req), ...fields]);
    } else if (match.kind === 'found') {
      this.#admit(arrival, match);
    } else if (match.kind === 'method') {
      answerOtherMethod(req, res, requestId, match.allow, fields);
    } else {
      throw new MayflyError('ROUTE_NOT_FOUND', `"${release.snapshot.app}" has no route for ${path}.`);
    }
  }

  #admit(arrival: Arrival, match: Extract<RouteMatch, { kind: 'found' }>): void {
    const { req, res, requestId, release, fields } = arrival;
    const { limits } = this.#options;
    const length = bodyLength(req);
    if (length > limits.bodyBytesMax) {
      throw new MayflyError(
        'BODY_TOO_LARGE',
        `The request body is over the limit of ${limits.bodyBytesMax} bytes.`,
      );
    }
    if (arrival.expectsContinue) res.writeContinue();
    const { target, params } = match;
    const policy = target.cors === null ? NO_HEADERS : corsHeaders(target.cors, req.headers.origin);
    const policed = policy.length > 0;
    const extra = policed ? [...fields, ...policy] : fields;
    const exchange = new Exchange(req, res, requestId, extra, policed, limits);
    const traceparent = continueTrace(req.headers.traceparent as string | undefined);
    const message = {
      id: requestId,
      traceparent,
      http: {
        method: req.method!,
        url: `http://${arrival.host}${arrival.target}`,
        headers: functionHeaders(req, traceparent),
        remoteAddress: req.socket.remoteAddress ?? '',
        route: target.pattern,
        params,
      },
    };
    const submit = (body: Buffer | null, ended: boolean): void => {
      const call = this.#dispatcher.make(target.version, release, 'http', message, body, ended, exchange);
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

/** `headers` is a flat list of further fields. */
function answerFailure(
  res: ServerResponse,
  thrown: unknown,
  requestId: string,
  headers: readonly string[],
): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const error = thrown instanceof MayflyError ? thrown : new MayflyError('INTERNAL', String(thrown));
  const close = error.status === 413 ? ['connection', 'close'] : NO_HEADERS;
  sendError(res, error, requestId, [...headers, ...close]);
}

function drawBucket(): number {
  return randomInt(WEIGHT_MAX);
}

function answerOtherMethod(
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
  allow: readonly string[],
  fields: readonly string[],
): void {
  const field = [...allow, ...(allow.includes('OPTIONS') ? [] : ['OPTIONS'])].join(', ');
  if (req.method === 'OPTIONS') {
    answerPreflight(res, requestId, ['allow', field, ...fields]);
    return;
  }
  const error = new MayflyError('METHOD_NOT_ALLOWED', `${req.method} is not allowed here.`);
  sendError(res, error, requestId, ['allow', field, ...fields]);
}
