import type { HttpCall } from '../../src/contract/guest-messages.ts';
import type { GuestDriver } from './guest-driver.ts';
import { type Answer, headerValues } from './pending-call.ts';

/** An HTTP call with all that dialects have to pass on: a parameter, repeated query names and headers, cookies. */
const HTTP: HttpCall = {
  method: 'POST',
  url: 'http://shop.localhost:8080/users/7?tag=a&tag=b&q=x%20y',
  headers: ['Host', 'shop.localhost:8080', 'X-Many', '1', 'x-many', '2', 'Cookie', 'a=1; b=2'],
  remoteAddress: '192.0.2.7',
  route: '/users/:id',
  params: { id: '7' },
};

/** A request of `HTTP` with a body of this type. */
export function request(type: string | null, body?: string | Buffer, more: Partial<HttpCall> = {}) {
  const headers = [...(more.headers ?? HTTP.headers), ...(type === null ? [] : ['Content-Type', type])];
  return { http: { ...HTTP, ...more, headers }, ...(body === undefined ? {} : { body }) };
}

/** An answer in short: `[status, content type, text]`. */
export function brief(answer: Answer): [number, string | undefined, string] {
  return [answer.status, headerValues(answer, 'content-type')[0], answer.body.toString()];
}

/** What an answer says in JSON. */
export function jsonOf(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.body.toString()) as Record<string, unknown>;
}

/** `[code, name, message]` of the failure that an event call ends with. */
export async function failureOf(guest: GuestDriver, data: unknown): Promise<string[]> {
  try {
    await guest.invokeEvent(data);
  } catch (thrown) {
    const { code, name, message } = thrown as Record<'code' | 'name' | 'message', string>;
    return [code, name, message];
  }
  throw new Error('the call did not fail');
}
