import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A GET over keep-alive, as bytes: made once, sent often. */
export function getRequest(url: string): Buffer {
  const { host, pathname, search } = new URL(url);
  return Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
}

/**
 * One keep-alive connection with one request on it at a time. It reads just enough of HTTP to know where an answer
 * ends, so that the client costs little beside the server: about 15 µs an exchange.
 */
export class HttpConnection {
  readonly #socket: Socket;
  #received = '';
  /** Why the connection can be used no more. */
  #gone: Error | null = null;
  #settle: { resolve: (status: number) => void; reject: (error: Error) => void } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The server closed the connection.')));
  }

  static async open(url: string): Promise<HttpConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    return new HttpConnection(socket);
  }

  /** Sends a request, and resolves with the status when its answer is complete. @throws Error when it breaks off */
  exchange(request: Buffer): Promise<number> {
    if (this.#gone !== null) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#received = this.#received === '' ? chunk : this.#received + chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0 || !isComplete(this.#received, headEnd)) return;
    const status = Number(this.#received.slice(9, 12));
    this.#received = '';
    const settle = this.#settle;
    this.#settle = null;
    settle?.resolve(status);
  }

  #fail(error: Error): void {
    this.#gone ??= error;
    this.#settle?.reject(error);
    this.#settle = null;
  }
}

/** Whether all of one answer is there. Answers have a length or are chunked; trailers are not understood. */
function isComplete(received: string, headEnd: number): boolean {
  const head = received.slice(0, headEnd).toLowerCase();
  const at = head.indexOf('\r\ncontent-length:');
  if (at >= 0) return received.length - headEnd - 4 >= Number.parseInt(head.slice(at + 17), 10);
  if (head.includes('\r\ntransfer-encoding: chunked')) return received.endsWith('\r\n0\r\n\r\n');
  return true;
}
