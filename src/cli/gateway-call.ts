import { Agent, request } from 'node:http';

/** One answer of the gateway. */
export interface GatewayAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** Parts in which the body arrived. */
  readonly parts: number;
  /** From sending to the last byte, ms. */
  readonly totalMs: number;
}

export interface GatewayRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Calls functions over HTTP on kept connections, as a client of the gateway would. */
export class GatewayClient {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async call({ method, url, headers, body }: GatewayRequest): Promise<GatewayAnswer> {
    const started = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<GatewayAnswer>();
    const outgoing = request(url, {
      method,
      agent: this.#agent,
      signal: this.#signal,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          contentType: answer.headers['content-type'] ?? '',
          body: Buffer.concat(parts),
          parts: parts.length,
          totalMs: performance.now() - started,
        }),
      );
    });
    outgoing.end(body);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}
