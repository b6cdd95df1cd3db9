import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface StubRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

type Answer = (request: StubRequest, response: ServerResponse) => void;

/** What a node answers, by `METHOD /path`; speaks the contract only, to test the client's side of it. */
export class StubNode {
  readonly token = 'mf_stub_token';
  readonly requests: StubRequest[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<StubNode> {
    const server = createServer();
    const stub = new StubNode(server);
    server.on('request', (incoming, response) => void stub.#serve(incoming, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  on(route: string, answer: Answer): void {
    this.#answers.set(route, answer);
  }

  /** Answers 200 with JSON. */
  json(route: string, value: unknown): void {
    this.on(route, (_request, response) => sendJson(response, 200, value));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', this.url);
    const request: StubRequest = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: await buffer(incoming),
    };
    this.requests.push(request);
    if (incoming.headers.authorization !== `Bearer ${this.token}`) {
      sendProblem(response, 401, 'TOKEN_INVALID', 'This token is not known.');
      return;
    }
    const answer = this.#answers.get(`${request.method} ${request.path}`);
    if (answer === undefined) sendProblem(response, 404, 'NOT_FOUND', `There is no ${request.path}.`);
    else answer(request, response);
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export function sendProblem(response: ServerResponse, status: number, code: string, detail: string): void {
  response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ type: `urn:mayfly:error:${code}`, title: code, status, detail, code, hint: '' }));
}
