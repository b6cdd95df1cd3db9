import { type IncomingHttpHeaders, request } from 'node:http';
import type { Problem } from '../../src/contract/control-api.ts';
import type { DeployAnswer, DeployRequest } from '../../src/contract/release-api.ts';
import { sha256Of } from './control-fixtures.ts';
import { OPERATOR } from './control-node.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
}

export interface Sending {
  /** Null: no token. */
  readonly token?: string | null;
  /** An object is sent as JSON. */
  readonly body?: object | string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request with nothing added that was not asked for; unlike `fetch` it may lie about Host and Origin. */
export async function call(
  base: string,
  method: string,
  path: string,
  sending: Sending = {},
): Promise<Answer> {
  const { token = OPERATOR, body } = sending;
  const json = body !== undefined && typeof body === 'object' && !Buffer.isBuffer(body);
  const bytes =
    body === undefined ? null : Buffer.from(json ? JSON.stringify(body) : (body as string | Buffer));
  const headers: Record<string, string> = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(json ? { 'content-type': 'application/json' } : {}),
    ...(bytes === null ? {} : { 'content-length': String(bytes.length) }),
    ...sending.headers,
  };
  return await new Promise<Answer>((resolve, reject) => {
    const outgoing = request(new URL(path, base), { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const all = Buffer.concat(chunks);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: all.toString(),
          bytes: all,
        });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(bytes);
  });
}

export async function callJson<T>(
  base: string,
  method: string,
  path: string,
  sending: Sending = {},
): Promise<T> {
  const answer = await call(base, method, path, sending);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text) as T;
}

/** The problem that a request gets; fails when it gets none. */
export async function problemOf(
  base: string,
  method: string,
  path: string,
  sending: Sending = {},
): Promise<Problem> {
  const answer = await call(base, method, path, sending);
  if (!answer.headers['content-type']?.startsWith('application/problem+json')) {
    throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  }
  const problem = JSON.parse(answer.text) as Problem;
  if (problem.status !== answer.status)
    throw new Error(`The problem says ${problem.status}, HTTP ${answer.status}`);
  return problem;
}

/** Uploads the codes and deploys. */
export async function deploy(
  base: string,
  { codes, ...body }: DeployRequest & { readonly codes: readonly string[] },
  token?: string,
): Promise<DeployAnswer> {
  const by = token === undefined ? {} : { token };
  for (const code of codes) {
    const put = await call(base, 'PUT', `/v1/blobs/${sha256Of(code)}`, { body: code, ...by });
    if (put.status !== 204) throw new Error(put.text);
  }
  return await callJson<DeployAnswer>(base, 'POST', `/v1/apps/${body.manifest.app}/releases`, {
    body,
    ...by,
  });
}
