import type { Call } from '../../call.ts';
import { InvalidResponse } from '../../invalid-response.ts';
import type { Responder } from '../../responder.ts';
import { sendStream } from '../../result.ts';

/** Any class that looks like the standard's counts: polyfills and other versions of undici have their own. */
export function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false;
  const { status, headers, body } = value as Partial<Response>;
  return typeof status === 'number' && typeof headers?.forEach === 'function' && body !== undefined;
}

/** Sends a web response; a body that is there in one piece leaves with its head. */
export async function sendResponse(response: Response, call: Call, respond: Responder): Promise<void> {
  const headers: string[] = [];
  response.headers.forEach((value, name) => {
    headers[headers.length] = name;
    headers[headers.length] = value;
  });
  const body = response.body;
  if (body === null) {
    respond.whole(response.status, headers, null);
    return;
  }
  if (response.bodyUsed || body.locked) {
    throw new InvalidResponse('The body of the returned Response was already used.');
  }
  respond.head(response.status, headers);
  await sendStream(body, call, respond);
}
