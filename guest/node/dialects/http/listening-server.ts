import type { Server } from 'node:http';
import { nodeHttp } from '../../node-http/node-modules.ts';

type Listen = (this: Server, ...parameters: unknown[]) => Server;

/** What Node's own `close`, `address` and `listening` ask of a listening server's handle. */
interface Handle {
  close(done?: () => void): void;
  getsockname(out: Record<string, unknown>): number;
  ref(): void;
  unref(): void;
}

/** The author's server, once there is one. */
export interface CaughtServer {
  /** Resolves when a server listens. */
  readonly listening: Promise<void>;
  /** The one that calls go to. */
  readonly server: Server | null;
}

/**
 * Catches the author's web server when it wants to listen: it opens no port, and requests are handed to it in memory. So nothing is
 * reached past the gateway, and a call costs no connection. The first HTTP server that listens on TCP is the one, until
 * one listens on `port`; others listen as they say.
 */
export function catchServer(port: number): CaughtServer {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { Server: HttpServer } = nodeHttp();
  const net = process.getBuiltinModule('node:net');
  const prototype = net.Server.prototype as unknown as { listen: Listen };
  const original = prototype.listen;
  const caught = { listening: promise, server: null as Server | null };
  prototype.listen = function listen(this: Server, ...parameters: unknown[]): Server {
    const asked = this instanceof HttpServer ? portOf(parameters) : null;
    if (asked === null || (caught.server !== null && asked !== port))
      return Reflect.apply(original, this, parameters);
    caught.server = this;
    const last = parameters[parameters.length - 1];
    if (typeof last === 'function') this.once('listening', last as () => void);
    (this as unknown as { _handle: Handle })._handle = handleOf(asked === 0 ? port : asked);
    process.nextTick(() => {
      this.emit('listening');
      resolve();
    });
    return this;
  };
  return caught;
}

/** The listener's classes for requests and responses: a server may have been made with its own. */
export function classesOf(server: Server): { readonly Request: never; readonly Response: never } {
  const { IncomingMessage, ServerResponse } = nodeHttp();
  const symbols = Object.getOwnPropertySymbols(server);
  const own = (description: string): unknown => {
    for (let at = 0; at < symbols.length; at += 1) {
      if (symbols[at]!.description === description)
        return (server as unknown as Record<symbol, unknown>)[symbols[at]!];
    }
    return undefined;
  };
  return {
    Request: (own('IncomingMessage') ?? IncomingMessage) as never,
    Response: (own('ServerResponse') ?? ServerResponse) as never,
  };
}

/** The TCP port that `listen` is asked for; null: a path, a descriptor, another server's handle. */
function portOf(parameters: readonly unknown[]): number | null {
  const [first] = parameters;
  if (first === undefined || typeof first === 'function') return 0;
  if (typeof first === 'object' && first !== null) {
    const { port, path, fd } = first as { port?: unknown; path?: unknown; fd?: unknown };
    return path === undefined && fd === undefined && port !== undefined ? numberOf(port) : null;
  }
  return first === null ? 0 : numberOf(first);
}

/** A text that is no number is a path. */
function numberOf(value: unknown): number | null {
  const port = typeof value === 'string' && value.trim() !== '' ? Number.parseInt(value, 10) : value;
  return typeof port === 'number' && Number.isInteger(port) && `${port}` === `${value}`.trim() ? port : null;
}

function handleOf(port: number): Handle {
  return {
    close: (done) => {
      if (typeof done === 'function') process.nextTick(done);
    },
    getsockname: (out) => {
      Object.assign(out, { address: '127.0.0.1', family: 'IPv4', port });
      return 0;
    },
    ref: () => undefined,
    unref: () => undefined,
  };
}
