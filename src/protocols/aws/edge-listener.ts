import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import { closePatiently } from '../../kit/patient-close.ts';
import type { EdgeFront } from './edge-front.ts';

/** The same bounds as the gateway's. */
export interface EdgeLimits {
  /** Request line and headers together. */
  readonly headerBytesMax: number;
  readonly connectionsMax: number;
  /** A client must have sent its headers, its whole request, within these. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** A client that takes no byte of its answer for this long is cut off. */
  readonly stalledClientMs: number;
}

interface EdgeListenerDeps {
  readonly fronts: readonly EdgeFront[];
  readonly limits: EdgeLimits;
  readonly onDefect: (error: MayflyError, requestId: string) => void;
}

/** Slow clients are looked for so often, ms. */
const SLOW_CLIENT_CHECK_MS = 1_000;
const BACKLOG = 1_024;

/** The edge port: where other vendors' wire protocols are spoken. */
export class EdgeListener {
  readonly #deps: EdgeListenerDeps;
  readonly #server: Server;
  #draining = false;

  constructor(deps: EdgeListenerDeps) {
    this.#deps = deps;
    const { limits } = deps;
    this.#server = createServer({
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs || Number.POSITIVE_INFINITY),
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: SLOW_CLIENT_CHECK_MS,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      noDelay: true,
    });
    this.#server.maxConnections = limits.connectionsMax;
    this.#server.on('request', (req, res) => void this.#serve(req, res));
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
      this.#server.listen(port, host, BACKLOG, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Stops accepting at once, lets what runs finish for `graceMs`, then cuts what is left. */
  async close(graceMs: number): Promise<void> {
    this.#draining = true;
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await closePatiently(this.#server, closed, graceMs);
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    if (this.#draining) res.shouldKeepAlive = false;
    try {
      const front = this.#deps.fronts.find((candidate) => candidate.accepts(req));
      if (front === undefined) throw new MayflyError('NOT_FOUND', 'Nothing answers here.');
      await front.serve({ req, res, requestId });
    } catch (thrown) {
      const error = toMayflyError(thrown);
      if (error.blame === 'platform') this.#deps.onDefect(error, requestId);
      if (res.headersSent) res.destroy();
      else {
        res.writeHead(error.status, { 'content-type': 'application/json', 'x-amzn-requestid': requestId });
        res.end(JSON.stringify({ message: error.message }));
      }
    }
  }
}
