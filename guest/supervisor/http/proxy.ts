import { type Agent, type IncomingMessage, request } from 'node:http';
import type { Call } from '../../node/call.ts';
import { InvalidResponse } from '../../node/invalid-response.ts';
import type { Responder } from '../../node/responder.ts';
import { endToEnd } from './hop-by-hop.ts';
import { cloudEventHead, fieldOf, forwardedHead, type RequestHead } from './request-head.ts';

/** The author's server. */
export interface Upstream {
  readonly address: string;
  readonly port: number;
  readonly agent: Agent;
  /** Ids of the calls that run. */
  readonly calls: Set<string>;
}

/** The server refused an event: its status is no 2xx. */
class EventRefused extends Error {
  override readonly name = 'EventRefused';
}

/**
 * Passes a call to the server and its answer back, both as they flow. An event is a POST of a CloudEvent in HTTP's binary mode, and
 * what is answered with a 2xx status its result.
 * @throws InvalidResponse when the answer is no HTTP or breaks off
 */
export async function proxy(upstream: Upstream, call: Call, respond: Responder): Promise<void> {
  const { http } = call.message;
  const head = http === undefined ? cloudEventHead(call.message) : forwardedHead(call.message, http);
  const res = await exchange(upstream, call, head);
  const status = res.statusCode!;
  if (http === undefined && (status < 200 || status > 299)) {
    const text = await textOf(res);
    throw new EventRefused(`The server answered the event with status ${status}: ${text}`);
  }
  respond.head(http === undefined ? 200 : status, endToEnd(res.rawHeaders));
  try {
    for await (const part of res as AsyncIterable<Buffer>) await respond.chunk(part);
  } catch (thrown) {
    if (!call.cancelled) throw new InvalidResponse('The server broke off its answer.', { cause: thrown });
  }
  respond.end();
}

/** Sends the request; once more when a kept connection turned out to be closed and nothing of a body was sent. */
async function exchange(upstream: Upstream, call: Call, head: RequestHead): Promise<IncomingMessage> {
  for (;;) {
    const attempt = send(upstream, call, head);
    try {
      return await attempt.answer;
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      const closed = code === 'ECONNRESET' || code === 'EPIPE';
      if (closed && attempt.reused() && call.body.empty && !call.cancelled) continue;
      throw new InvalidResponse(failureText(thrown as Error), { cause: thrown });
    }
  }
}

function send(
  { address, port, agent }: Upstream,
  call: Call,
  { method, path, headers: fields }: RequestHead,
): { readonly answer: Promise<IncomingMessage>; readonly reused: () => boolean } {
  const headers = [...fields, ...framing(call, method, fields)];
  const req = request({ host: address, port, agent, method, path, headers, setDefaultHeaders: false });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    req.once('response', resolve);
    req.once('error', reject);
    req.once('upgrade', (_res, socket) => {
      socket.destroy();
      reject(new Error('it wanted to change the protocol'));
    });
  });
  // What goes wrong after the head is seen by whoever reads the answer.
  req.on('error', () => undefined);
  call.onCancel(() => req.destroy());
  void pump(call, req);
  return { answer, reused: () => req.reusedSocket };
}

const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** How long the body is, where the client did not say it in a way that is passed on. */
function framing({ body }: Call, method: string, fields: readonly string[]): string[] {
  if (fieldOf(fields, 'content-length') !== null) return [];
  if (body.empty) return WITH_BODY.has(method) ? ['content-length', '0'] : [];
  const whole = body.inline;
  return whole === null ? ['transfer-encoding', 'chunked'] : ['content-length', String(whole.length)];
}

async function pump(call: Call, req: ReturnType<typeof request>): Promise<void> {
  try {
    if (call.body.empty) {
      req.end();
      return;
    }
    for (let part = await call.body.read(); part !== null; part = await call.body.read()) {
      if (req.destroyed) return;
      if (!req.write(part))
        await new Promise<void>((resolve) => req.once('drain', resolve).once('close', resolve));
    }
    req.end();
  } catch {
    // The client has gone: so has the request.
    req.destroy();
  }
}

function failureText({ code, message }: NodeJS.ErrnoException): string {
  if (code?.startsWith('HPE_')) return `The server's answer is no HTTP: ${message}`;
  if (code === 'ECONNRESET') return 'The server closed the connection without an answer.';
  return `The server cannot be reached: ${message}`;
}

const TEXT_CHARS_MAX = 1_000;

async function textOf(res: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of res.setEncoding('utf8')) if (text.length < TEXT_CHARS_MAX) text += part;
  return text.slice(0, TEXT_CHARS_MAX);
}
