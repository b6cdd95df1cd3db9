import http, { type IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Problem } from '../contract/control-api.ts';
import { InvocationHeaders } from '../contract/invocation-headers.ts';
import { MayflyError } from '../domain/errors.ts';
import { errorOfProblem } from './errors.ts';

/** Longest wait for an answer to anything but a call or a log stream, ms. */
const ANSWER_TIMEOUT_MS = 120_000;
/** Sockets to the node at a time; more uploads wait. */
const SOCKETS_MAX = 16;

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

export interface ApiTarget {
  /** Root of the control API, `http://127.0.0.1:8090`. */
  readonly url: string;
  readonly token: string;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/v1/…`, its parts already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
  /** 0: wait for ever. */
  readonly answerTimeoutMs?: number;
}

/**
 * Speaks the control API (`contract/control-api.ts`) to one node. `node:http` and not `fetch`: log streams may be silent for
 * hours, uploads stream from disk, and a CLI that starts in tens of ms must not load a second HTTP client.
 * @throws MayflyError with the code of the node's problem document; NODE_UNREACHABLE when nobody answers.
 */
export class ApiClient {
  readonly url: string;
  readonly #token: string;
  readonly #signal: AbortSignal;
  readonly #agent: http.Agent;
  readonly #send: typeof http.request;

  constructor(target: ApiTarget, signal: AbortSignal) {
    this.url = target.url.replace(/\/+$/, '');
    this.#token = target.token;
    this.#signal = signal;
    // TLS is a quarter of what a short command would load, and most nodes are spoken to without.
    const { Agent, request } = this.url.startsWith('https:') ? process.getBuiltinModule('node:https') : http;
    this.#agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
    this.#send = request;
  }

  async get<T>(path: string, query?: ApiRequest['query']): Promise<T> {
    return this.#json<T>({ method: 'GET', path, ...(query === undefined ? {} : { query }) });
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return this.#json<T>(jsonRequest('POST', path, body));
  }

  async put<T>(path: string, body: unknown): Promise<T> {
    return this.#json<T>(jsonRequest('PUT', path, body));
  }

  async delete(path: string): Promise<void> {
    await text(await this.exchange({ method: 'DELETE', path }));
  }

  /** The lines of an NDJSON answer as they come. Ends when the node ends it; throws when the connection breaks. */
  async *lines<T>(path: string, query: ApiRequest['query']): AsyncGenerator<T, void> {
    const answer = await this.exchange({
      method: 'GET',
      path,
      ...(query === undefined ? {} : { query }),
      answerTimeoutMs: 0,
    });
    yield* this.linesOf<T>(answer);
  }

  /** The lines of an answer that has begun; it is closed when nobody reads on. */
  async *linesOf<T>(answer: IncomingMessage): AsyncGenerator<T, void> {
    answer.setEncoding('utf8');
    let rest = '';
    try {
      for await (const part of answer) {
        const lines = (rest + part).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') yield JSON.parse(line) as T;
      }
    } catch (error) {
      throw this.#sendingFailed(error as NodeJS.ErrnoException);
    } finally {
      answer.destroy();
    }
  }

  /** One request; resolves with the answer, its body unread, when the status says success. */
  async exchange(call: ApiRequest): Promise<IncomingMessage> {
    this.#signal.throwIfAborted();
    const answer = await this.#open(call);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw await this.#failure(status, answer);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #json<T>(call: ApiRequest): Promise<T> {
    const answer = await this.exchange(call);
    const body = await text(answer);
    try {
      return (body === '' ? undefined : JSON.parse(body)) as T;
    } catch {
      throw this.#foreign(answer.statusCode ?? 0);
    }
  }

  #open(call: ApiRequest): Promise<IncomingMessage> {
    const url = new URL(this.url + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = this.#send(url, {
      method: call.method,
      agent: this.#agent,
      headers: { ...call.headers, authorization: `Bearer ${this.#token}` },
      signal: this.#signal,
    });
    const timeoutMs = call.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
    outgoing.setTimeout(timeoutMs, () =>
      outgoing.destroy(this.#unreachable(`no answer within ${timeoutMs / 1000} s`)),
    );
    outgoing.on('response', resolve);
    // After the answer has begun this rejects nothing any more: a node may answer 413 and close mid-upload.
    outgoing.on('error', (error: NodeJS.ErrnoException) => reject(this.#sendingFailed(error)));
    const body = call.body;
    if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
      outgoing.end(body);
    } else {
      pipeline(body, outgoing, (error) => {
        if (error && !outgoing.destroyed) outgoing.destroy(error);
        if (error) reject(this.#sendingFailed(error));
      });
    }
    return promise;
  }

  #sendingFailed(error: NodeJS.ErrnoException): unknown {
    if (this.#signal.aborted) return this.#signal.reason;
    if (error instanceof MayflyError) return error;
    return UNREACHABLE.has(error.code ?? '') ? this.#unreachable(error.code!, error) : error;
  }

  async #failure(status: number, answer: IncomingMessage): Promise<MayflyError> {
    const type = answer.headers['content-type'] ?? '';
    const requestId = answer.headers[InvocationHeaders.requestId];
    const body = await text(answer);
    if (!type.includes('json')) return this.#foreign(status);
    try {
      const problem = JSON.parse(body) as Partial<Problem>;
      // Of a call, the id that its log lines carry.
      const details = { ...problem.details, ...(requestId === undefined ? {} : { requestId }) };
      return errorOfProblem(status, { ...problem, details });
    } catch {
      return this.#foreign(status);
    }
  }

  #foreign(status: number): MayflyError {
    return new MayflyError(
      'NODE_UNREACHABLE',
      `${this.url} answered ${status}, but not as a Mayfly control API does; is the address right?`,
    );
  }

  #unreachable(why: string, cause?: unknown): MayflyError {
    return new MayflyError('NODE_UNREACHABLE', `No node answers at ${this.url} (${why}).`, { cause });
  }
}

function jsonRequest(method: 'POST' | 'PUT', path: string, body: unknown): ApiRequest {
  return { method, path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** A path from parts, each encoded. */
export function apiPath(...parts: readonly string[]): string {
  return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}
